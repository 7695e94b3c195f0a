"""Addresses that stand in mails. The web's URL map is tested against them, because mails cannot ask it."""

from datetime import date

from portal import settings


def _absolute(path: str) -> str:
    return settings.current().base_url + path


def manage_link(raw_token: str) -> str:
    """The couple's secret link."""
    return _absolute(f"/m/{raw_token}")


def paying(link: str) -> str:
    """A secret link that leads on to the payment of what is open."""
    return f"{link}?to=pay"


def document(link: str, number: str) -> str:
    """A secret link that leads on to the PDF of a document."""
    return f"{link}?pdf={number}"


def manage_page(reference: str) -> str:
    """The couple's page, for a browser that holds the booking."""
    return _absolute(f"/manage/{reference}")


def storefront(slug: str) -> str:
    """A business's front page."""
    return _absolute(f"/t/{slug}/")


def booking_form(slug: str, package_slug: str, on: date) -> str:
    """The form with a date filled in."""
    return _absolute(f"/t/{slug}/book/{package_slug}?date={on.isoformat()}")


def waiting_link(raw_token: str) -> str:
    """The secret link of somebody who waits for a date."""
    return _absolute(f"/w/{raw_token}")


def waitlist_form(slug: str, package_slug: str, on: date) -> str:
    """Where a taken date is asked for."""
    return _absolute(f"/t/{slug}/waitlist/{package_slug}?date={on.isoformat()}")


def unsubscribe(raw_token: str) -> str:
    """Where somebody says that they want nothing after the event."""
    return _absolute(f"/unsubscribe/{raw_token}")


def find_booking(slug: str) -> str:
    """Where a lost link is asked for."""
    return _absolute(f"/t/{slug}/find-booking")


def dashboard_booking(reference: str) -> str:
    """A booking in the owner's portal."""
    return _absolute(f"/dashboard/bookings/{reference}")


def dashboard_bookings(slug: str) -> str:
    """All bookings in the owner's portal."""
    return _absolute(f"/dashboard/{slug}/bookings")


def dashboard_dates(slug: str) -> str:
    """The business's calendar in its portal."""
    return _absolute(f"/dashboard/{slug}/dates")


def dashboard_calendars(slug: str) -> str:
    """Where the business connects its calendars."""
    return _absolute(f"/dashboard/{slug}/settings/calendars")


def dashboard_free_dates(slug: str) -> str:
    """Where the business says whether it wants to hear of its free dates."""
    return _absolute(f"/dashboard/{slug}/settings/free-dates")


def dashboard_notices(slug: str) -> str:
    """Where the business says what it wants to hear of, and how."""
    return _absolute(f"/dashboard/{slug}/settings/notices")


def reset_password(raw_token: str) -> str:
    """Where a new password is chosen."""
    return _absolute(f"/reset-password/{raw_token}")
