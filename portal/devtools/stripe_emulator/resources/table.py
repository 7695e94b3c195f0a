"""All endpoints of the API in one list."""

from portal.devtools.stripe_emulator.api.routes import Route
from portal.devtools.stripe_emulator.resources import (
    accounts,
    charges,
    customers,
    events,
    payment_intents,
    records,
    refunds,
    sessions,
)

_MODULES = (accounts, charges, customers, events, payment_intents, records, refunds, sessions)


def all_routes() -> list[Route]:
    """Every endpoint of every resource."""
    return [route for module in _MODULES for route in module.ROUTES]
