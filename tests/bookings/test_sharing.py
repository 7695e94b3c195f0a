"""Links that a couple shares, looks over and ends; and links that are good for one change."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from portal.bookings import sharing, tokens
from portal.bookings.states import LinkAction, Purpose
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.kernel.ids import uuid7
from portal.kernel.tokens import digest
from tests.support import couples, sold
from tests.support.couples import in_half_a_year
from tests.support.sold import Sold
from tests.support.world import Business


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop)


def share(shop: Business, booking: Sold, **changes: Any) -> tokens.Minted:
    wish = {"action": "look", "label": "Our planner", "at": time.now(), **changes}
    return sharing.share(shop.id, booking.booking_id, wish.pop("form_id", uuid7()), **wish)


def active(shop: Business, booking: Sold, *, at: datetime | None = None) -> list[sharing.ActiveLink]:
    with database.reading(shop.id):
        return sharing.active(shop.id, booking.booking_id, at=at or time.now())


def told(shop: Business, booking: Sold) -> list[tuple[str, str, dict[str, object]]]:
    """What the timeline says of links."""
    with database.reading(shop.id):
        found = database.rows(
            "SELECT kind, actor, details FROM booking_event WHERE booking_id = %s AND kind LIKE 'link%%'"
            " ORDER BY sequence",
            booking.booking_id,
        )
    return [tuple(row) for row in found]


@pytest.mark.parametrize("action", ["look", "pay"])
def test_a_shared_link_is_stored_as_a_hash_and_told_in_the_timeline(shop: Business, booking: Sold, action: str) -> None:
    minted = share(shop, booking, action=action, label="  Mum & Dad ")
    with database.reading(shop.id):
        row = database.row("SELECT * FROM booking_action_token WHERE id = %s", minted.token_id)
        everything = [
            str(database.rows(f"SELECT * FROM {name}")) for name in ("booking_event", "outbox", "booking_action_token")
        ]
    assert row
    assert (row.action, row.label, row.recipient) == (action, "Mum & Dad", "")
    assert bytes(row.token_hash) == digest(minted.raw)
    assert not any(minted.raw in text for text in everything)
    assert told(shop, booking) == [("link_shared", "couple", {"label": "Mum & Dad", "action": action})]
    assert row.expires_at > time.now() + timedelta(days=200), "it lives as long as the couple's own"


@pytest.mark.parametrize("action", ["manage", "browser", "cancel", "reschedule", "email", "LOOK", "", "\0"])
def test_nothing_but_looking_and_paying_can_be_shared(shop: Business, booking: Sold, action: str) -> None:
    with pytest.raises(Invalid) as refused:
        share(shop, booking, action=action)
    assert set(refused.value.fields) == {"action"}
    assert told(shop, booking) == []


@pytest.mark.parametrize("label", ["", "   ", "x" * 61, "Mum\nDad", "\u202eevil", "\u200b"])
def test_a_link_without_a_good_name_is_refused_at_the_field(shop: Business, booking: Sold, label: str) -> None:
    with pytest.raises(Invalid) as refused:
        share(shop, booking, label=label)
    assert set(refused.value.fields) == {"label"}
    assert told(shop, booking) == []


def test_a_form_that_is_sent_twice_makes_one_link(shop: Business, booking: Sold) -> None:
    form_id = uuid7()
    share(shop, booking, form_id=form_id)
    with pytest.raises(Conflict, match="made already"):
        share(shop, booking, form_id=form_id)
    assert len(told(shop, booking)) == 1


def test_the_same_form_at_another_booking_is_another_link(shop: Business, booking: Sold) -> None:
    form_id, other = uuid7(), sold.sell(shop, event_on=in_half_a_year(shop, plus=3))
    assert share(shop, booking, form_id=form_id).token_id != share(shop, other, form_id=form_id).token_id


def test_twenty_links_are_shared_at_most_and_an_ended_one_makes_room(shop: Business, booking: Sold) -> None:
    made = [share(shop, booking) for _ in range(20)]
    with pytest.raises(Conflict, match="end one"):
        share(shop, booking)
    assert sharing.end(shop.id, booking.booking_id, made[0].token_id, at=time.now())
    share(shop, booking)


def test_a_booking_that_is_over_is_not_shared(shop: Business) -> None:
    held = couples.hold(shop)
    with database.writing(shop.id):
        database.execute("UPDATE booking SET status = 'expired' WHERE id = %s", held.booking_id)
    with pytest.raises(Conflict, match="over"):
        sharing.share(shop.id, held.booking_id, uuid7(), action="look", label="Mum", at=time.now())


def test_an_ended_link_opens_nothing_and_is_ended_once(shop: Business, booking: Sold) -> None:
    minted = share(shop, booking, action="pay", label="Mum")
    assert sharing.end(shop.id, booking.booking_id, minted.token_id, at=time.now())
    assert not sharing.end(shop.id, booking.booking_id, minted.token_id, at=time.now())
    with database.reading():
        assert tokens.open_link(minted.raw, at=time.now()).state == "revoked"
    assert minted.token_id not in {link.id for link in active(shop, booking)}
    assert [kind for kind, *_ in told(shop, booking)] == ["link_shared", "link_ended"]


def test_nobody_ends_the_links_of_another_booking_or_tenant(shop: Business, rival: Business, booking: Sold) -> None:
    other = sold.sell(shop, event_on=in_half_a_year(shop, plus=3))
    theirs = sold.sell(rival)
    for minted in (share(shop, other), share(rival, theirs)):
        assert not sharing.end(shop.id, booking.booking_id, minted.token_id, at=time.now())
    assert len(active(shop, other)) == len(active(rival, theirs)) == 2  # the browser's, and the shared one


def test_all_other_links_end_at_once(shop: Business, booking: Sold) -> None:
    kept = tokens.mint(shop.id, booking.booking_id, action=LinkAction.MANAGE, at=time.now())
    share(shop, booking)
    used = tokens.mint(shop.id, booking.booking_id, action=LinkAction.RESCHEDULE, at=time.now())
    tokens.use_up(shop.id, booking.booking_id, LinkAction.RESCHEDULE, at=time.now())
    assert sharing.end_others(shop.id, booking.booking_id, keep=[kept.token_id], at=time.now()) == 2
    with database.reading():
        assert tokens.open_link(used.raw, at=time.now()).state == "revoked"  # it led back from Stripe until now
    assert [link.id for link in active(shop, booking)] == [kept.token_id]
    assert sharing.end_others(shop.id, booking.booking_id, keep=[kept.token_id], at=time.now()) == 0
    assert [details for kind, _, details in told(shop, booking) if kind == "links_ended"] == [{"count": 2}]


@pytest.mark.parametrize("action", [LinkAction.RESCHEDULE, LinkAction.CANCEL])
def test_a_link_for_one_change_lives_seven_days(shop: Business, booking: Sold, action: LinkAction) -> None:
    at = time.now()
    minted = tokens.mint(shop.id, booking.booking_id, action=action, at=at)
    for after, state in {timedelta(days=7, seconds=-1): "valid", timedelta(days=7): "expired"}.items():
        with database.reading():
            assert tokens.open_link(minted.raw, at=at + after).state == state


def test_a_change_uses_up_the_links_that_were_mailed_for_it_and_no_others(shop: Business, booking: Sold) -> None:
    at = time.now()
    made = {
        action: tokens.mint(shop.id, booking.booking_id, action=action, at=at).token_id
        for action in (LinkAction.RESCHEDULE, LinkAction.CANCEL, LinkAction.MANAGE, LinkAction.PAY)
    }
    tokens.mint(shop.id, booking.booking_id, action=LinkAction.CANCEL, at=at)
    assert tokens.use_up(shop.id, booking.booking_id, LinkAction.CANCEL, at=at) == 2
    assert made[LinkAction.CANCEL] not in {link.id for link in active(shop, booking)}
    assert {made[LinkAction.RESCHEDULE], made[LinkAction.MANAGE], made[LinkAction.PAY]} <= {
        link.id for link in active(shop, booking)
    }


def test_a_link_opens_its_purpose_alone(shop: Business, booking: Sold) -> None:
    opens = {
        LinkAction.MANAGE: set(Purpose) - {Purpose.EMAIL},
        LinkAction.BROWSER: set(Purpose) - {Purpose.EMAIL},
        LinkAction.RESCHEDULE: {Purpose.RESCHEDULE, Purpose.RETURN},
        LinkAction.CANCEL: {Purpose.CANCEL},
        LinkAction.LOOK: {Purpose.LOOK},
        LinkAction.PAY: {Purpose.PAY, Purpose.RETURN},
        LinkAction.EMAIL: {Purpose.EMAIL},
    }
    for action in LinkAction:
        token_id = tokens.mint(shop.id, booking.booking_id, action=action, at=time.now()).token_id
        assert {each for each in Purpose if may_open(shop, booking, token_id, each)} == opens[action], action


def may_open(shop: Business, booking: Sold, token_id: UUID, purpose: Purpose) -> bool:
    with database.reading(shop.id):
        link = tokens.link_to(shop.id, booking.booking_id, [token_id], purpose=purpose, at=time.now())
    return link is not None


def test_the_first_opening_of_a_shared_link_is_told_once(shop: Business, booking: Sold) -> None:
    minted, at = share(shop, booking), time.now()
    for minutes in range(3):
        sharing.note_opening(shop.id, booking.booking_id, minted.token_id, at=at + timedelta(minutes=minutes))
    details = {"label": "Our planner", "action": "look", "link": str(minted.token_id)}
    assert told(shop, booking)[1:] == [("link_opened", "system", details)]
    assert [each.opened_at for each in active(shop, booking) if each.label] == [at]


def test_the_opening_of_any_other_link_is_not_told(shop: Business, booking: Sold, rival: Business) -> None:
    with database.writing(shop.id):
        own = tokens.mint(shop.id, booking.booking_id, action=LinkAction.MANAGE, at=time.now())
    ended, theirs = share(shop, booking), share(rival, sold.sell(rival))
    sharing.end(shop.id, booking.booking_id, ended.token_id, at=time.now())
    for token_id in (own.token_id, ended.token_id, theirs.token_id, uuid7()):
        sharing.note_opening(shop.id, booking.booking_id, token_id, at=time.now())
    assert "link_opened" not in [kind for kind, _, _ in told(shop, booking)]
