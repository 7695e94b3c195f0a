"""The addresses that stand in mails are addresses of the site."""

from datetime import date
from urllib.parse import urlsplit

import pytest

from portal.messages import addresses
from portal.web.application import Application


@pytest.mark.parametrize(
    ("address", "endpoint"),
    [
        (lambda: addresses.manage_link("x" * 43), "couple.enter"),
        (lambda: addresses.manage_page("2345-6789"), "couple.manage"),
        (lambda: addresses.storefront("bella"), "storefront.index"),
        (lambda: addresses.booking_form("bella", "whole-day", date(2027, 6, 12)), "booking.form"),
        (lambda: addresses.waiting_link("x" * 43), "waiting.enter"),
        (lambda: addresses.waitlist_form("bella", "whole-day", date(2027, 6, 12)), "waitlist.form"),
        (lambda: addresses.find_booking("bella"), "find_booking.page"),
        (lambda: addresses.dashboard_booking("2345-6789"), "dashboard.booking_by_reference"),
        (lambda: addresses.dashboard_dates("bella"), "dashboard.dates"),
        (lambda: addresses.dashboard_calendars("bella"), "dashboard.calendars"),
        (lambda: addresses.dashboard_free_dates("bella"), "dashboard.free_dates"),
        (lambda: addresses.dashboard_bookings("bella"), "dashboard.bookings"),
        (lambda: addresses.dashboard_notices("bella"), "dashboard.notices"),
        (lambda: addresses.unsubscribe("x" * 43), "unsubscribe.page"),
        (lambda: addresses.reset_password("x" * 43), "password.enter"),
    ],
)
def test_an_address_in_a_mail_leads_to_its_page(app: Application, address: object, endpoint: str) -> None:
    assert callable(address)
    path = urlsplit(address()).path
    assert app.url_map.bind("localhost").match(path, "GET")[0] == endpoint
