"""What a person would send with each form of the site. A route that takes a POST and is not here fails the walks."""

from datetime import date
from functools import cache
from typing import Any
from uuid import uuid4

from portal.bookings import queries
from portal.bookings.details import details_of
from portal.db import database
from portal.devtools.google_emulator.accounts import Accounts
from portal.messages.notices import Topic
from portal.messages.schedule import COURSES
from tests.hostile.cast import House
from tests.support.couples import in_half_a_year
from tests.support.people import PASSWORD

# No form: its sender signs the raw bytes, says a password, or has the secret in the address.
SIGNED = {"hooks.stripe", "hooks.postmark", "unsubscribe.stop"}
# Where to go on to. What is wrong with these is ignored, because the page they lead to is chosen without them.
SIGNPOSTS = {"next", "month", "resource of open_dates", "resource of remove_waiting", "intent", "look"} | {
    f"{name} of ask_export" for name in ("q", "kind", "went", "first_on", "last_on")
}
# A box that is not ticked with its own value is not ticked.
BOXES = {"whole_days", "may_change_package", "own_cancellation", "own_moving", *(f"on_{kind}" for kind in COURSES)}
# What may be sent several times, once for each that was ticked.
LISTS = {"stage"}
_TERMS = {
    "kept": "fee", "booking_fee": "10", "flat_fee": "", "add_ons_days": "", "cooling_off_days": "",
    "rebooked_percent": "",
    "tier_days_1": "90", "tier_percent_1": "50", "cutoff_days": "30", "free_moves": "1", "farthest_days": "",
    "move_fee_1": "", "price": "old", "may_change_package": "", "intent": "",
}  # fmt: skip

# What does not hang on whose form it is.
_ALWAYS: dict[str, dict[str, str]] = {
    "booking.held": {},
    "booked.check": {},
    "waiting.leave": {},
    "couple.renew": {},
    "account.logout": {},
    "password.change": {"password": PASSWORD, "again": PASSWORD},
    "dashboard.end_review": {},
    "dashboard.send_link": {},
    "couple.cancel_see": {},
    "couple.cancel_confirm": {"reason": "", "is_sure": "1"},
    "couple.cancel_undo": {},
    "couple.reschedule_confirm": {},
    "couple.reschedule_pay": {},
    "couple.reschedule_keep": {},
    "couple.renew_held": {},
    "couple.end_link": {},
    "couple.look_seen": {},
    "couple.pay_seen": {},
    "couple.end_other_links": {},
    "couple.paid_check": {},
    "couple.add_ons_confirm": {},
    "couple.forget_address": {},
    "couple.remove_address": {},
    "couple.confirm_address": {},
    "dashboard.cancel_see": {"refund": "amount", "amount": "10", "reason": ""},
    "dashboard.cancel_confirm": {"is_sure": "1"},
    "dashboard.cancel_undo": {},
    "dashboard.move_confirm": {},
    "dashboard.give_back": {"amount": "1", "reason": "", "left": "99900"},
    "dashboard.try_again": {},
    "dashboard.send_again": {},
    "dashboard.send_one_again": {},
    "dashboard.address_works": {},
    "dashboard.check_calendar": {},
    "dashboard.end_calendar": {},
    "dashboard.leave_calendar": {},
    "dashboard.set_reminders": {
        f"{name}_{kind}": text
        for kind, course in COURSES.items()
        for name, text in (("on", "1"), ("days", str(course.days)), ("at", "10:00"))
    },
    "dashboard.set_free_dates": {"weekday": "0", "at": "09:00"},
    "dashboard.set_notices": {**{topic.value: "daily" for topic in Topic}, "at": "09:00"},
    "dashboard.set_wording": {"subject": "For {couple}", "body": "{couple}", "booking": "invented", "intent": "save"},
    "dashboard.skip_message": {},
    "dashboard.send_message_now": {},
    "dashboard.pause_messages": {},
    "dashboard.resume_messages": {},
    "dashboard.set_terms": _TERMS,
    "dashboard.set_package_terms": {**_TERMS, "own_cancellation": "1", "own_moving": "1"},
    "dashboard.set_undo_time": {"undo_minutes": "60"},
    "dashboard.set_details_cutoff": {"details_cutoff_days": "14"},
    "dashboard.set_courtesy": {"courtesy_days": "7"},
    "couple.release_confirm": {"is_sure": "1"},
    "dashboard.ask_export": {"q": "", "kind": "", "went": "", "first_on": "", "last_on": ""},
    "dashboard.change_invoice": {},
    "dashboard.send_invoice": {},
    "dashboard.mark_invoice_sent": {},
    "dashboard.mark_invoice_viewed": {},
    "dashboard.render_invoice": {},
    "dashboard.issue_invoice": {},
    "dashboard.set_logo": {"intent": "remove"},
    "dashboard.set_invoice_settings": {
        "legal_name": "",
        "address": "",
        "country": "",
        "tax_number": "",
        "registration": "",
        "exemption": "",
        "prefix": "",
        "terms": "",
        "notes": "",
        "issue_when": "confirmed",
        "paper": "",
        "intent": "",
    },
}


def fields(endpoint: str, home: House, *, day: date | None = None) -> dict[str, Any]:
    """A form filled in as it should be, but for its token."""
    on = day or in_half_a_year(home.shop, plus=40)
    email = {"email": f"anna@{home.mark}.example"}
    return {
        **_ALWAYS,
        "booking.hold": {
            "date": on.isoformat(), "nonce": str(uuid4()), "offer": "", "first_partner": "Anna Smith",
            "second_partner": "Ben Jones", **email, "second_email": "", "phone": "", "venue": "", "guest_count": "",
            "notes": "", "pay": "deposit", "terms": "1",
            **{f"add_on_{key}": "0" for key in home.shop.add_ons.values()},
        },
        "find_booking.send": email,
        "waitlist.join": {"date": (day or in_half_a_year(home.shop)).isoformat(), "name": "Zoe & Max", **email},
        "dashboard.remove_waiting": {"resource": str(home.shop.resource_id), "month": f"{on:%Y-%m}"},
        "couple.send_link": email,
        "account.log_in": {**email, "password": PASSWORD, "next": ""},
        "password.send_link": email,
        "dashboard.close_dates": {
            "resource": str(home.shop.resource_id), "first_on": on.isoformat(), "last_on": on.isoformat(), "note": "",
        },
        "dashboard.open_dates": {"resource": str(home.shop.resource_id), "month": f"{on:%Y-%m}"},
        "couple.reschedule_see": {"event_on": on.isoformat(), "package": ""},
        "couple.share_link": {"label": "Our planner", "action": "look", "form_id": str(uuid4())},
        "couple.save_details": {
            "first_partner": f"{home.mark} Anna", "second_partner": f"{home.mark} Ben", "phone": "", "guest_count": "9",
            "venue": f"{home.mark} mill {uuid4().hex}", "notes": f"{home.mark} notes", "seen": details_seen(home),
        },
        "couple.add_ons_see": {f"add_on_{key}": "2" for key in home.shop.add_ons.values()},
        "dashboard.correct_address": {"which": "first", "email": f"right@{home.mark}.example"},
        "couple.ask_address": {"which": "first", "email": f"new@{home.mark}.example"},
        "couple.pay_open": {"stage": str(uuid4()), "intent": ""},
        "dashboard.move_see": {"event_on": on.isoformat(), "package": "", "price": "old", "fee": ""},
        "dashboard.set_taxes": {
            "tax_mode": "none", "tax_label": "",
            **{f"rate_{key}": "0" for key in [*home.shop.packages.values(), *home.shop.add_ons.values()]},
        },
        "dashboard.make_feed": {"resource": str(home.shop.resource_id)},
        "dashboard.end_feed": {"resource": str(home.shop.resource_id)},
        "dashboard.connect_calendar": {
            "address": f"https://calendars.example/{uuid4().hex}.ics", "name": f"{home.mark} diary",
            "resource": str(home.shop.resource_id), "whole_days": "1",
        },
        "dashboard.connect_google": {
            "calendar_id": f"{uuid4().hex}@group.calendar.google.com", "key": google_key(), "whole_days": "1",
            "resource": str(home.shop.resource_id), "name": f"{home.mark} diary",
        },
    }[endpoint]  # fmt: skip


@cache
def google_key() -> str:
    """A key file of a service account that no Google knows."""
    return Accounts().make("nobody@none.iam.gserviceaccount.com", "http://127.0.0.1:9/token")


def details_seen(home: House) -> str:
    """By what the form of details says that it shows what is there now."""
    with database.reading(home.shop.id):
        return details_of(queries.by_id(home.shop.id, home.sold.booking_id)).fingerprint
