"""What a house has that no walk goes to: every table of a tenant has a row, so that seeing none proves something."""

from datetime import timedelta
from uuid import UUID, uuid4

from portal.availability import outside, waitlist_links
from portal.calendars import feeds, google_connecting, syncing
from portal.calendars.google_connecting import Given
from portal.devtools.google_emulator.accounts import Accounts
from portal.identity.roles import Role
from portal.kernel import time
from portal.messages import follow_ups
from portal.tenants import invoicing
from tests.support import people
from tests.support.couples import in_half_a_year
from tests.support.world import Business


def furnish(shop: Business, mark: str, *, held_id: UUID, entry_id: UUID, connection_id: UUID) -> None:
    """Links that were mailed, people who work there, choices that were made."""
    people.person(shop.id, Role.STAFF)
    waitlist_links.mint(shop.id, entry_id, at=time.now())
    follow_ups.mint(shop.id, f"anna@{mark}.example", at=time.now())
    follow_ups.stop(shop.id, f"stopped@{mark}.example", at=time.now())
    invoicing.set_logo(shop.id, None, at=time.now())
    busy_on = in_half_a_year(shop) + timedelta(days=200)
    outside.replace(shop.id, connection_id=connection_id, resource_id=shop.resource_id, days=[busy_on])
    feeds.make(shop.id, resource_id=None, at=time.now())
    _connect_google(shop, mark, held_id)


def _connect_google(shop: Business, mark: str, held_id: UUID) -> None:
    """A calendar at a Google that nobody asks: a date that is only held has no event."""
    email = f"{mark}@none.iam.gserviceaccount.com"
    key = Accounts().make(email, "http://127.0.0.1:9/token")
    given = Given(shop.resource_id, f"{mark} Google", key, f"{mark}@group.calendar.google.com", is_whole_days_only=True)
    connection_id = google_connecting.connect(shop.id, given, at=time.now())
    syncing.sync(shop.id, held_id, connection_id=connection_id, effect_id=uuid4(), at=time.now())
