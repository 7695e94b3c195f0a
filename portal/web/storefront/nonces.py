"""One nonce per business and browser, until its booking is paid or ended: it makes double click, second tab, refresh
and the way back from Stripe find the same hold. It lies in the signed session, so that nobody else learns it.
"""

from uuid import UUID, uuid4

from flask import session

from portal.bookings import queries
from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.tenants.queries import TenantView

_KEY = "nonces"
_MOST = 8


def current(tenant: TenantView) -> tuple[UUID, BookingView | None]:
    """The nonce for a form that is to be shown, and the hold it has made already."""
    nonce = _kept(tenant)
    if nonce is None:
        return renewed(tenant), None
    booking = queries.by_nonce(tenant.id, nonce)
    if booking is None:
        return nonce, None
    if booking.status is BookingStatus.HELD:
        return nonce, booking
    return renewed(tenant), None


def renewed(tenant: TenantView) -> UUID:
    """A fresh nonce: what the old one made is over."""
    nonce = uuid4()
    keep(tenant, nonce)
    return nonce


def keep(tenant: TenantView, nonce: UUID) -> None:
    """Remember which nonce this browser's form has used."""
    if _kept(tenant) == nonce:
        return
    others = {key: value for key, value in dict(session.get(_KEY, {})).items() if key != tenant.id.hex}
    session[_KEY] = dict([*list(others.items())[1 - _MOST :], (tenant.id.hex, str(nonce))])


def _kept(tenant: TenantView) -> UUID | None:
    try:
        return UUID(session[_KEY][tenant.id.hex])
    except (KeyError, ValueError, TypeError):
        return None
