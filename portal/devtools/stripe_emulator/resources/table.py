"""All endpoints of the API in one list."""

from portal.devtools.stripe_emulator.api.routes import Route
from portal.devtools.stripe_emulator.resources import customers, sessions


def all_routes() -> list[Route]:
    """Every endpoint of every resource."""
    return [route for module in (customers, sessions) for route in module.ROUTES]
