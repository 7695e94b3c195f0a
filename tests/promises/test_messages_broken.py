"""Messages that are lost, repeated, late, untrue or at another hour: each is seen, and seen as what it is."""

from datetime import timedelta
from pathlib import Path

import pytest

from portal.kernel import time
from portal.messages import due, planning
from tests.promises.conftest import Proof
from tests.support import leaving, plans, shifting, sold
from tests.support.sold import Sold

MUTANTS = {
    "due and owed by nobody": ("P21", "DELETE FROM outbox WHERE kind = 'message.send'"),
    "sent and not accepted": ("P21", "UPDATE message SET provider_message_id = '' WHERE status = 'sent'"),
    "failed and not said why": ("P21", "UPDATE message SET status = 'failed', failure = '' WHERE status = 'sent'"),
    "about a booking that was rolled back": (
        "P22",
        "UPDATE message SET subject_id = gen_random_uuid() WHERE status = 'sent'",
    ),
    "a move that never happened": ("P22", "UPDATE message SET kind = 'moved' WHERE kind = 'confirmation'"),
    "a payment that never came": ("P22", "UPDATE message SET kind = 'payment_received' WHERE kind = 'new_booking'"),
    "an effect of nothing": (
        "P22",
        "UPDATE outbox SET subject_id = gen_random_uuid() WHERE kind = 'booking.confirmed'",
    ),
    "planned after the cancellation": ("P23", "UPDATE booking SET status = 'cancelled'"),
    "sent after the cancellation": (
        "P23",
        (
            "UPDATE message SET status = 'sent', sent_at = now(), provider_message_id = 'x' WHERE kind = 'event_soon';"
            " UPDATE message SET status = 'cancelled' WHERE status = 'planned';"
            " UPDATE booking SET status = 'cancelled', cancel_requested_at = now() - interval '1 hour'"
        ),
    ),
    "for an old date": ("P23", "UPDATE booking SET event_on = event_on + 30"),
    "for a payment that was made": ("P23", "UPDATE booking_payment_stage SET status = 'COMPLETED'"),
    "the same to one address": ("P23", "UPDATE message SET recipient = upper(recipient) WHERE recipient LIKE 'ben%'"),
    "at another hour": (
        "P23",
        "UPDATE message SET due_at = due_at + interval '1 hour' WHERE kind = 'event_eve' AND status = 'planned'",
    ),
    "sent although it was missed": (
        "P23",
        (
            "UPDATE message SET status = 'sent', sent_at = now(), provider_message_id = 'x',"
            " due_at = now() - interval '26 hours' WHERE kind = 'event_soon';"
            "INSERT INTO outbox (id, tenant_id, kind, subject_id, status, due_at, created_at, ended_at)"
            " SELECT gen_random_uuid(), tenant_id, 'message.send', id, 'done', now(), now(), now() FROM message"
            " WHERE kind = 'event_soon'"
        ),
    ),
    "nobody is at it": (
        "P25",
        (
            "UPDATE outbox SET status = 'due', ended_at = NULL, due_at = now() - interval '2 days'"
            " WHERE kind = 'booking.confirmed'"
        ),
    ),
    "told twice of one day": (
        "P23",
        (
            "UPDATE message SET kind = 'balance_last', status = 'sent', sent_at = now(), provider_message_id = 'x'"
            " WHERE kind = 'balance_overdue'"
        ),
    ),
    "leased for ever": (
        "P25",
        (
            "UPDATE outbox SET status = 'leased', ended_at = NULL, lease_id = gen_random_uuid(),"
            " leased_until = now() - interval '2 hours' WHERE kind = 'booking.confirmed'"
        ),
    ),
    "leased by nobody": (
        "P25",
        (
            "UPDATE outbox SET status = 'leased', ended_at = NULL, lease_id = NULL,"
            " leased_until = now() + interval '1 minute' WHERE kind = 'booking.confirmed'"
        ),
    ),
    "done and not said when": ("P25", "UPDATE outbox SET ended_at = NULL WHERE kind = 'booking.confirmed'"),
    "dead and not said why": (
        "P25",
        "UPDATE outbox SET status = 'dead', last_error = '' WHERE kind = 'booking.confirmed'",
    ),
}


@pytest.fixture
def told(proof: Proof, mail_folder: Path) -> Sold:
    """A booking whose first mails have left; three more are on their way, and the rest is planned."""
    booking = sold.sell(proof.shop)
    plans.work(proof.shop, time.now())
    assert len(plans.arrived(mail_folder)) == 3
    with_link = sold.sell(proof.shop, event_on=shifting.later(proof.shop))
    planning.keep_up(proof.shop.id, with_link.booking_id, at=time.now())
    return booking


def seen(proof: Proof) -> set[str]:
    """The sessions of these bookings are invented: what asks Stripe about them is not asked here."""
    return proof.broken() & {"P21", "P22", "P23", "P25"}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_each_break_is_seen(proof: Proof, told: Sold, mutant: str) -> None:
    promise, statements = MUTANTS[mutant]
    if mutant == "due and owed by nobody":
        with time.frozen(plans.reminders(proof.shop)[0].due_at):
            assert due.mark_due(time.now())
    if mutant == "the same to one address":
        statements = "UPDATE message SET recipient = 'ANNA@couple.example' WHERE recipient LIKE 'ben%'"
    assert seen(proof) == set()
    proof.tamper(*statements.split(";"))
    assert promise in seen(proof)


def test_what_nobody_marked_for_days_is_seen(proof: Proof, told: Sold) -> None:
    late = max(row.due_at for row in plans.reminders(proof.shop)) + timedelta(days=2)
    assert "P23" in {violation.promise for violation in proof.violations(at=late)}


def test_what_was_sent_for_the_date_before_a_move_is_seen(proof: Proof, told: Sold, mail_folder: Path) -> None:
    shifting.moved(proof.shop, told, shifting.later(proof.shop, 40))
    plans.work(proof.shop, time.now())
    assert seen(proof) == set()
    proof.tamper(
        "UPDATE message SET status = 'sent', sent_at = now() + interval '1 hour', provider_message_id = 'x',"
        " failure = '' WHERE status = 'cancelled' AND kind = 'event_soon'"
    )
    assert seen(proof) == {"P23"}


def test_cancelled_and_moved_bookings_keep_the_promises(proof: Proof, told: Sold, mail_folder: Path) -> None:
    shifting.moved(proof.shop, told, shifting.later(proof.shop, 40))
    plans.work(proof.shop, time.now())
    leaving.cancelling(proof.shop, told)
    plans.work(proof.shop, time.now())
    assert seen(proof) == set()
