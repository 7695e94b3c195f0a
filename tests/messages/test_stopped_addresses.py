"""An address that came back is written to no more until it is corrected or works again, and somebody can see it."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.bookings.states import Actor, WhichAddress
from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.devtools.postmark_emulator.mails import Doc
from portal.kernel import time
from portal.kernel.errors import Conflict
from portal.kernel.ids import uuid7
from portal.lifecycle import address
from portal.messages import document_plans, failed, heard, recovery, resending, service, stopped
from portal.messages.delivery.postmark_events import What
from portal.messages.service import Addressed
from portal.messages.states import Audience, MessageKind
from portal.messages.stopped import Reason
from tasks import pace
from tasks.pace import Pace
from tests.support import queues, sold, world
from tests.support.postmark import hear, messages, postmark, work
from tests.support.sold import Sold
from tests.support.world import Business

__all__ = ["postmark"]
ANNA, BEN = "anna@couple.example", "ben@couple.example"


def to(emulator: PostmarkEmulator, recipient: str) -> list[Doc]:
    return [mail for mail in emulator.sent if mail["Recipient"] == recipient]


def write(shop: Business, booking: Sold, slot: str, *recipients: str) -> None:
    """The link of a booking once more, to these."""
    addressed = [Addressed(each, Audience.COUPLE) for each in recipients or (ANNA, BEN)]
    service.owe(shop.id, booking.booking_id, MessageKind.MANAGE_LINK, slot=slot, to=addressed, at=time.now())
    work(shop)


def states(shop: Business, kind: str, recipient: str = ANNA) -> list[str]:
    return [row.status for row in messages(shop, kind) if row.recipient == recipient]


def is_stopped(shop: Business, recipient: str = ANNA) -> bool:
    with database.reading(shop.id):
        return stopped.is_stopped(shop.id, recipient)


def works(shop: Business) -> None:
    """The business says that Anna's address works again."""
    with database.reading(shop.id):
        stopped_id = database.value("SELECT id FROM stopped_address WHERE email = %s", ANNA)
    stopped.works(shop.id, stopped_id, user_id=None, at=time.now())


@pytest.fixture
def booking(shop: Business, postmark: PostmarkEmulator) -> Sold:
    """A booking whose confirmations have left to Anna and Ben."""
    found = sold.sell(shop)
    work(shop)
    assert len(to(postmark, ANNA)) == len(to(postmark, BEN)) == 1
    return found


def bounce(client: FlaskClient, emulator: PostmarkEmulator, recipient: str = ANNA, **told: Any) -> None:
    hear(client, emulator.tell(to(emulator, recipient)[-1]["MessageID"], "Bounce", **told))


def test_a_bounce_stops_further_mail_to_that_address_alone(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    bounce(client, postmark)
    postmark.mails.inactive.clear()  # ours is the list that counts here
    write(shop, booking, "after")
    assert (len(to(postmark, ANNA)), len(to(postmark, BEN))) == (1, 2)
    assert states(shop, "manage_link") == ["failed"]
    assert states(shop, "confirmation") == ["failed"]
    assert {row.failure for row in messages(shop) if row.recipient == ANNA} == {
        stopped.SENTENCE, heard.NO_SUCH_ADDRESS
    }  # fmt: skip


def test_the_same_address_with_another_business_is_not_stopped(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold, rival: Business
) -> None:
    bounce(client, postmark)
    assert (is_stopped(shop), is_stopped(rival)) == (True, False)


@pytest.mark.parametrize("kind", ["SpamComplaint", "ManuallyDeactivated", "BadEmailAddress"])
def test_so_does_whatever_says_that_no_mail_is_wanted(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold, kind: str
) -> None:
    bounce(client, postmark, Type=kind)
    assert is_stopped(shop)


@pytest.mark.parametrize("kind", ["SoftBounce", "DnsError", "Blocked", "SpamNotification"])
def test_a_mail_that_came_back_for_now_has_failed_and_the_next_one_leaves(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold, kind: str
) -> None:
    bounce(client, postmark, Type=kind)
    assert states(shop, "confirmation") == ["failed"]
    assert not is_stopped(shop)
    write(shop, booking, "after")
    assert states(shop, "manage_link") == ["sent"]


def test_what_came_back_for_now_leaves_once_more_when_somebody_says_so(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    bounce(client, postmark, Type="SoftBounce")
    (row,) = [each for each in messages(shop, "confirmation") if each.status == "failed"]
    failed.retry_one(shop.id, row.id, at=time.now())
    work(shop)
    assert len(to(postmark, ANNA)) == 2  # the copy that came back was found, and did not count
    hear(client, postmark.tell(to(postmark, ANNA)[0]["MessageID"], "Bounce", Type="Blocked"))
    assert states(shop, "confirmation") == ["sent"]  # what is told of the first copy says nothing of the second


def test_a_bounce_that_is_faster_than_our_own_record_is_not_forgotten(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    (row,) = [each for each in messages(shop, "confirmation") if each.recipient == ANNA]
    with database.writing(shop.id):
        database.execute(
            "UPDATE message SET status = 'due', sent_at = NULL, provider_message_id = '' WHERE id = %s", row.id
        )
    bounce(client, postmark)
    service.record_sent(shop.id, row.id, provider_message_id=row.provider_message_id, at=time.now())
    assert states(shop, "confirmation") == ["failed"]


def test_what_the_provider_refuses_for_good_stops_the_address_too(
    shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    postmark.suppress(ANNA)
    write(shop, booking, "first")
    write(shop, booking, "second", ANNA)
    assert states(shop, "manage_link") == ["failed", "failed"]
    assert len(postmark.calls) - len(postmark.sent) == 1  # it was asked once
    with database.reading(shop.id):
        assert [each.reason for each in stopped.listed(shop.id)] == [Reason.REFUSED]


def test_it_works_again_when_the_business_says_so_and_the_provider_hears_of_it(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    bounce(client, postmark)
    (row,) = [each for each in messages(shop, "confirmation") if each.status == "failed"]
    with pytest.raises(Conflict, match="come back"):
        failed.retry(shop.id, booking.booking_id, row.id, at=time.now())
    works(shop)
    work(shop)
    assert postmark.mails.inactive == {}
    failed.retry(shop.id, booking.booking_id, row.id, at=time.now())
    write(shop, booking, "after")
    assert states(shop, "confirmation") == states(shop, "manage_link") == ["sent"]
    assert len(to(postmark, ANNA)) == 3
    with pytest.raises(Conflict, match="as usual"):
        works(shop)


def test_a_bounce_that_is_told_late_does_not_undo_that(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    late = postmark.tell(to(postmark, ANNA)[0]["MessageID"], "SubscriptionChange")
    bounce(client, postmark)
    works(shop)
    hear(client, late)
    assert not is_stopped(shop)
    bounce(client, postmark)
    assert is_stopped(shop)


def test_an_address_that_is_corrected_gets_what_failed(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    bounce(client, postmark)
    change_id = address.ask(
        shop.id, booking.booking_id, WhichAddress.FIRST, "anne@couple.example", at=time.now(), actor=Actor.OWNER
    )
    work(shop)
    assert len(to(postmark, "anne@couple.example")) == 1
    with database.reading(shop.id):
        token_id = database.value("SELECT id FROM booking_action_token WHERE email_change_id = %s", change_id)
    address.confirm(shop.id, booking.booking_id, token_id, at=time.now())
    work(shop)
    assert states(shop, "email_changed") == ["skipped"]  # the old one is told only where it can be
    (row,) = [each for each in messages(shop, "confirmation") if each.status == "failed"]
    failed.retry(shop.id, booking.booking_id, row.id, at=time.now())
    work(shop)
    assert states(shop, "confirmation", "anne@couple.example") == ["sent"]
    assert len(to(postmark, ANNA)) == 1


def test_the_nightly_recovery_leaves_it_alone(shop: Business, postmark: PostmarkEmulator, booking: Sold) -> None:
    postmark.fail_next("POST", "/email", status=401, times=99)
    pace.install(Pace(first_delay=0, longest_delay=0, most_attempts=2))
    write(shop, booking, "after")
    postmark.clear_faults()
    pace.install(Pace(first_delay=0, longest_delay=0))
    stopped.stop(shop.id, ANNA, Reason.BOUNCED, at=time.now())
    recovery.recover(time.now())
    work(shop)
    assert (states(shop, "manage_link"), states(shop, "manage_link", BEN)) == (["failed"], ["sent"])
    with database.reading(), platform_scope(reason="test"):
        dead = database.value("SELECT count(*) FROM outbox WHERE status = 'dead' AND tenant_id = %s", shop.id)
    assert dead == 1


def test_nothing_is_kept_for_whoever_waits_at_an_address_that_takes_no_mail(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator
) -> None:
    sold.sell(shop)
    entry_id = queues.join(shop)
    work(shop)
    bounce(client, postmark, "zoe@waiting.example")
    work(shop)
    with database.reading(shop.id):
        assert database.value("SELECT status FROM waitlist_entry WHERE id = %s", entry_id) == "left"


def test_documents_were_seen_when_their_mail_was_opened_and_nothing_else_is_looked_at(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    with database.reading(shop.id):
        invoice = database.value("SELECT id FROM invoice ORDER BY id LIMIT 1")
    document_plans.issued(shop.id, invoice, at=time.now(), is_waiting=False)
    work(shop)
    confirmation, documents = to(postmark, ANNA)
    assert (confirmation["TrackOpens"], documents["TrackOpens"]) == (False, True)

    def viewed() -> list[Any]:
        with database.reading(shop.id):
            return [row.viewed_at for row in database.rows("SELECT viewed_at FROM invoice")]

    hear(client, postmark.tell(confirmation["MessageID"], "Open"))
    assert viewed() == [None, None]
    second = postmark.tell(documents["MessageID"], "Open", ReceivedAt="2026-01-02T10:00:00.1234567Z")
    first = postmark.tell(documents["MessageID"], "Open", ReceivedAt="2026-01-01T10:00:00.1234567Z")
    hear(client, second, first)
    assert {str(at)[:10] for at in viewed()} == {"2026-01-01"}


def test_a_delivery_is_noted(client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold) -> None:
    hear(client, *[event for event in postmark.told if event["RecordType"] == "Delivery"])
    assert all(row.delivered_at for row in messages(shop))


def test_whoever_unsubscribes_at_the_provider_gets_no_more_of_what_can_be_unsubscribed_from(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    (sent, *_) = to(postmark, ANNA)
    with database.writing(shop.id):
        database.execute("UPDATE message SET kind = 'follow_up' WHERE id = %s", sent["Metadata"]["message-id"])
    hear(client, postmark.tell(sent["MessageID"], "SubscriptionChange", SuppressionReason="ManualSuppression"))
    assert not is_stopped(shop)
    with database.reading(shop.id):
        assert database.value("SELECT email FROM follow_up_stop") == ANNA


def test_an_event_about_a_mail_that_is_gone_is_ignored(postmark: PostmarkEmulator) -> None:
    assert heard._heed(uuid7(), What.BOUNCED, "x", time.now()) is False


def test_a_link_that_is_asked_for_again_fails_visibly(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    bounce(client, postmark)
    resending.resend(shop.id, booking.booking_id, user_id=None, timezone="Europe/London", at=time.now())
    work(shop)
    assert (states(shop, "manage_link"), states(shop, "manage_link", BEN)) == (["failed"], ["sent"])


def test_a_business_whose_own_address_bounces_is_told_of_it_by_no_mail(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    bounce(client, postmark, "hello@juniper.example")
    work(shop)
    assert is_stopped(shop, "hello@juniper.example")
    assert messages(shop, "mail_failed") == []


def test_two_businesses_hear_of_their_own_mails(
    client: FlaskClient, shop: Business, postmark: PostmarkEmulator, booking: Sold
) -> None:
    other = world.open_shop()
    sold.sell(other)
    work(other)
    bounce(client, postmark)  # the latest mail to Anna is the other business's
    assert (is_stopped(shop), is_stopped(other)) == (False, True)
