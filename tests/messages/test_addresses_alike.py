"""One address is one however it is written; another one stays another, however much it looks like the first."""

from collections.abc import Iterator

import pytest

from portal.db import database
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.kernel import time
from portal.messages import recovery, service, stopped
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.messages.stopped import Reason
from tasks import pace
from tasks.pace import Pace
from tests.support import sold
from tests.support.postmark import messages, postmark, work
from tests.support.sold import Sold
from tests.support.world import Business

__all__ = ["postmark"]
WRITTEN = "Anna@Couple.example"
ALIKE = ["anna@couple.example", "ANNA@COUPLE.EXAMPLE", WRITTEN]
OTHERS = ["anna+wedding@couple.example", "anna+@couple.example", "an.na@couple.example", "anna@mail.couple.example"]


@pytest.fixture
def booking(shop: Business, postmark: PostmarkEmulator) -> Iterator[Sold]:
    """A booking whose mails have left, and a shop that writes to its address no more."""
    found = sold.sell(shop, email=WRITTEN, second_email=None)
    work(shop)
    stopped.stop(shop.id, WRITTEN, Reason.BOUNCED, at=time.now())
    yield found
    pace.install(Pace())


def write(shop: Business, booking: Sold, recipient: str, *, slot: str = "again") -> None:
    """The link once more, to an address of the booking as it is written now."""
    with database.writing(shop.id):
        database.execute("UPDATE customer SET email = %s", recipient)
    to = [Addressed(recipient, Audience.COUPLE)]
    service.owe(shop.id, booking.booking_id, MessageKind.MANAGE_LINK, slot=slot, to=to, at=time.now())
    work(shop)


def outcome(shop: Business) -> list[tuple[str, str]]:
    return [(row.recipient, row.status) for row in messages(shop, "manage_link")]


@pytest.mark.parametrize("alike", ALIKE)
def test_case_makes_no_other_address(shop: Business, booking: Sold, alike: str) -> None:
    write(shop, booking, alike)
    assert outcome(shop) == [(alike, "failed")]
    with database.reading(shop.id):
        assert stopped.is_stopped(shop.id, alike)
        (found,) = stopped.listed(shop.id)
    assert found.email == WRITTEN.lower()


@pytest.mark.parametrize("other", OTHERS)
def test_a_tag_a_dot_or_another_server_does(
    shop: Business, postmark: PostmarkEmulator, booking: Sold, other: str
) -> None:
    write(shop, booking, other)
    assert outcome(shop) == [(other, "sent")]
    assert postmark.sent[-1]["Recipient"] == other


def test_a_tagged_address_that_came_back_stops_itself_alone(shop: Business, booking: Sold) -> None:
    tagged = OTHERS[0]
    stopped.stop(shop.id, tagged.title(), Reason.COMPLAINED, at=time.now())
    stopped.end(shop.id, WRITTEN.upper(), at=time.now())
    with database.reading(shop.id):
        assert [each.email for each in stopped.listed(shop.id)] == [tagged]
    write(shop, booking, tagged, slot="tagged")
    write(shop, booking, WRITTEN, slot="plain")
    assert sorted(outcome(shop)) == [(WRITTEN, "sent"), (tagged, "failed")]


def test_at_night_as_by_day(shop: Business, postmark: PostmarkEmulator, booking: Sold) -> None:
    stopped.end(shop.id, WRITTEN, at=time.now())
    pace.install(Pace(first_delay=0, longest_delay=0, most_attempts=1))
    postmark.fail_next("POST", "/email", status=401, times=9)
    for number, recipient in enumerate((ALIKE[1], OTHERS[0])):
        write(shop, booking, recipient, slot=str(number))
    postmark.clear_faults()
    pace.install(Pace(first_delay=0, longest_delay=0))
    stopped.stop(shop.id, ALIKE[0], Reason.BOUNCED, at=time.now())
    recovery.recover(time.now())
    work(shop)
    assert sorted(outcome(shop)) == [(ALIKE[1], "failed"), (OTHERS[0], "sent")]
