"""Secret links: only hashes are stored, and a link serves its tenant and booking until it ends."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from portal.bookings import tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import NotFound
from portal.kernel.tokens import digest
from tests.support import couples
from tests.support.couples import in_half_a_year
from tests.support.world import Business


def test_a_link_opens_its_booking_and_only_its_hash_is_stored(shop: Business) -> None:
    held = couples.hold(shop)
    minted = tokens.mint(shop.id, held.booking_id, action=LinkAction.MANAGE, recipient="anna@x.example", at=time.now())
    with database.reading():
        link = tokens.open_link(minted.raw, at=time.now())
        assert database.current_scope().tenant_id == shop.id
        stored = database.value("SELECT token_hash FROM booking_action_token WHERE id = %s", minted.token_id)
    assert bytes(stored) == digest(minted.raw)
    assert (link.booking_id, link.reference, link.state) == (held.booking_id, held.reference, "valid")
    assert (link.action, link.recipient) == (LinkAction.MANAGE, "anna@x.example")


def test_a_link_ends_90_days_after_the_event(shop: Business) -> None:
    held = couples.hold(shop)
    minted = tokens.mint(shop.id, held.booking_id, action=LinkAction.MANAGE, at=time.now())
    last_day = in_half_a_year(shop) + timedelta(days=90)
    for days, state in {-1: "valid", 2: "expired"}.items():
        at = time.local_instant(last_day + timedelta(days=days), datetime.min.time(), shop.tenant.timezone)
        with database.reading():
            assert tokens.open_link(minted.raw, at=at).state == state


@pytest.mark.parametrize("change", ["used_at = now()", "revoked_at = now()"])
def test_a_spent_link_says_so_and_opens_nothing(shop: Business, change: str) -> None:
    held = couples.hold(shop)
    minted = tokens.mint(shop.id, held.booking_id, action=LinkAction.MANAGE, at=time.now())
    with database.writing(shop.id):
        database.execute(f"UPDATE booking_action_token SET {change} WHERE id = %s", minted.token_id)
    with database.reading():
        assert tokens.open_link(minted.raw, at=time.now()).state == change.partition("_")[0]
    with database.reading(shop.id):
        assert tokens.link_to(shop.id, held.booking_id, [minted.token_id], at=time.now()) is None


@pytest.mark.parametrize("change", ["cut", "longer", "case", "empty", "huge", "other"])
def test_a_token_that_is_not_ours_opens_nothing(shop: Business, change: str) -> None:
    held = couples.hold(shop)
    raw = tokens.mint(shop.id, held.booking_id, action=LinkAction.MANAGE, at=time.now()).raw
    forged = {
        "cut": raw[:-1], "longer": raw + "A", "case": raw.swapcase(), "empty": "", "huge": raw * 12_000,
        "other": "A" * 43,
    }[change]  # fmt: skip
    with database.reading(), pytest.raises(NotFound):
        tokens.open_link(forged, at=time.now())


def test_a_link_serves_its_own_booking_and_tenant_alone(shop: Business, rival: Business) -> None:
    held, other = couples.hold(shop), couples.hold(shop, event_on=in_half_a_year(shop, plus=1))
    foreign = couples.hold(rival)
    token_id = held.token_id or uuid4()
    with database.reading(shop.id):
        assert tokens.link_to(shop.id, held.booking_id, [uuid4(), token_id], at=time.now())
        assert tokens.link_to(shop.id, other.booking_id, [token_id], at=time.now()) is None
        assert tokens.link_to(shop.id, held.booking_id, [], at=time.now()) is None
    with database.reading(rival.id):
        assert tokens.link_to(rival.id, foreign.booking_id, [token_id], at=time.now()) is None
    with database.reading(rival.id), pytest.raises(NotFound):
        minted = tokens.Minted("A" * 43, token_id)
        tokens.open_link(minted.raw, at=time.now())


def test_an_address_is_masked_so_that_only_its_owner_knows_it() -> None:
    assert tokens.masked("anna.smith@example.com") == "a•••@example.com"
