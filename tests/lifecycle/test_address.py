"""Another address counts once it has said yes; then the old one gets nothing more, and every old link has ended."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from portal.bookings import address_changes, queries, tokens
from portal.bookings.queries import BookingView
from portal.bookings.states import LinkAction, WhichAddress
from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid
from portal.lifecycle import address
from portal.lifecycle.address import LinkUsedUp
from tests.support import sold
from tests.support.sold import Sold
from tests.support.world import Business

FIRST, SECOND = WhichAddress.FIRST, WhichAddress.SECOND
OLD = ("anna@couple", "one@new", "two@new", "ben@couple", "none@none")


@pytest.fixture
def booking(shop: Business) -> Sold:
    return sold.sell(shop)


def ask(
    shop: Business,
    booking: Sold,
    email: str = "vale@new.example",
    which: WhichAddress = FIRST,
    at: datetime | None = None,
) -> UUID:
    """Ask, and mail the link; its id."""
    change_id = address.ask(shop.id, booking.booking_id, which, email, at=at or time.now())
    with database.reading(shop.id):
        change = address_changes.load(shop.id, booking.booking_id, change_id)
    assert change
    return address_changes.mint_link(shop.id, change, at=at or time.now()).token_id


def confirm(shop: Business, booking: Sold, link: UUID, at: datetime | None = None) -> UUID:
    return address.confirm(shop.id, booking.booking_id, link, at=at or time.now())


def view(shop: Business, booking: Sold) -> BookingView:
    with database.reading(shop.id):
        return queries.by_id(shop.id, booking.booking_id)


def addresses(shop: Business, booking: Sold) -> tuple[str, str | None]:
    found = view(shop, booking)
    return found.email, found.second_email


def alive(shop: Business, booking: Sold) -> set[UUID]:
    """The ids of all links that open something."""
    with database.reading(shop.id):
        found = database.rows(
            "SELECT id FROM booking_action_token WHERE booking_id = %s AND used_at IS NULL AND revoked_at IS NULL",
            booking.booking_id,
        )
    return {row.id for row in found}


def manage_link(shop: Business, booking: Sold) -> UUID:
    return tokens.mint(shop.id, booking.booking_id, action=LinkAction.MANAGE, at=time.now()).token_id


def test_until_it_has_said_yes_nothing_is_another(shop: Business, booking: Sold) -> None:
    link = manage_link(shop, booking)
    ask(shop, booking)
    assert addresses(shop, booking) == ("anna@couple.example", "ben@couple.example")
    assert link in alive(shop, booking)


@pytest.mark.parametrize("which", WhichAddress)
def test_once_it_has_the_old_links_are_dead_and_the_browser_has_a_new_one(
    shop: Business, booking: Sold, which: WhichAddress
) -> None:
    manage_link(shop, booking)
    other = ask(shop, booking, "other@new.example", SECOND if which is FIRST else FIRST)
    asked = ask(shop, booking, which=which)
    mine = confirm(shop, booking, asked)
    kept = {FIRST: "ben@couple.example", SECOND: "anna@couple.example"}[which]
    assert set(addresses(shop, booking)) == {"vale@new.example", kept}
    assert alive(shop, booking) == {mine}
    with pytest.raises(LinkUsedUp):
        confirm(shop, booking, other)
    assert "other@new.example" not in addresses(shop, booking)


def test_a_second_address_that_is_only_added_ends_no_link(shop: Business) -> None:
    booking = sold.sell(shop, second_email=None)
    link = manage_link(shop, booking)
    asked = ask(shop, booking, which=SECOND)
    confirm(shop, booking, asked)
    assert addresses(shop, booking) == ("anna@couple.example", "vale@new.example")
    assert link in alive(shop, booking)
    assert asked not in alive(shop, booking)


def test_the_second_one_can_be_taken_away(shop: Business, booking: Sold) -> None:
    manage_link(shop, booking)
    mine = address.remove_second(shop.id, booking.booking_id, at=time.now())
    assert addresses(shop, booking) == ("anna@couple.example", None)
    assert alive(shop, booking) == {mine}
    with pytest.raises(Conflict):
        address.remove_second(shop.id, booking.booking_id, at=time.now())


def test_a_link_says_yes_once(shop: Business, booking: Sold) -> None:
    link = ask(shop, booking)
    confirm(shop, booking, link)
    with pytest.raises(LinkUsedUp):
        confirm(shop, booking, link)


def test_a_link_says_yes_for_seven_days(shop: Business, booking: Sold) -> None:
    at = time.now()
    link = ask(shop, booking, at=at)
    with pytest.raises(LinkUsedUp):
        confirm(shop, booking, link, at=at + timedelta(days=7))
    confirm(shop, booking, link, at=at + timedelta(days=7) - timedelta(seconds=1))


def test_the_last_address_that_was_asked_is_the_one_that_counts(shop: Business, booking: Sold) -> None:
    first, second = ask(shop, booking, "mistyped@new.example"), ask(shop, booking)
    with pytest.raises(LinkUsedUp):
        confirm(shop, booking, first)
    confirm(shop, booking, second)
    assert view(shop, booking).email == "vale@new.example"


def test_what_was_given_up_is_not_confirmed(shop: Business, booking: Sold) -> None:
    link = ask(shop, booking)
    assert address.give_up(shop.id, booking.booking_id, at=time.now())
    assert not address.give_up(shop.id, booking.booking_id, at=time.now())
    with pytest.raises(LinkUsedUp):
        confirm(shop, booking, link)


def test_a_link_of_another_booking_confirms_nothing(shop: Business, booking: Sold, rival: Business) -> None:
    other = sold.sell(rival)
    theirs = ask(rival, other)
    for link in (theirs, manage_link(shop, booking)):
        with pytest.raises(LinkUsedUp):
            confirm(shop, booking, link)
    assert addresses(shop, booking) == ("anna@couple.example", "ben@couple.example")


@pytest.mark.parametrize(
    ("which", "email"),
    [(FIRST, "ANNA@couple.example"), (FIRST, "ben@couple.example"), (SECOND, "Anna@Couple.example")],
)
def test_an_address_that_is_there_already_is_refused(
    shop: Business, booking: Sold, which: WhichAddress, email: str
) -> None:
    with pytest.raises(Invalid) as caught:
        ask(shop, booking, email, which)
    assert list(caught.value.fields) == ["email"]


def test_mail_for_an_old_address_finds_its_way_through_several_changes(shop: Business, booking: Sold) -> None:
    for email in ("one@new.example", "two@new.example"):
        confirm(shop, booking, ask(shop, booking, email))
    address.remove_second(shop.id, booking.booking_id, at=time.now())
    found = view(shop, booking)
    with database.reading(shop.id):
        where = [address.follow(found, f"{name}.example") for name in OLD]
    assert where == ["two@new.example"] * 3 + [None, None]


def test_an_address_that_comes_back_is_no_endless_way(shop: Business, booking: Sold) -> None:
    for email in ("one@new.example", "anna@couple.example", "two@new.example"):
        confirm(shop, booking, ask(shop, booking, email))
    with database.reading(shop.id):
        assert address.follow(view(shop, booking), "one@new.example") == "two@new.example"


def test_the_timeline_tells_it_without_the_addresses(shop: Business, booking: Sold) -> None:
    confirm(shop, booking, ask(shop, booking))
    with database.reading(shop.id):
        timeline = queries.timeline(shop.id, booking.booking_id)
    told = [(entry.kind, entry.details) for entry in timeline if entry.kind.startswith("email")]
    assert [kind for kind, _ in told] == ["email_asked", "email_changed"]
    assert told[1][1]["changes"] == {"email": ["a•••@couple.example", "v•••@new.example"]}
    assert "vale@new.example" not in str(told)
