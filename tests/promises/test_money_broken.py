"""Broken money: each cent that is missing, doubled or nobody's is seen, here and at the provider."""

from collections.abc import Callable

import pytest

from portal.lifecycle.hold import Held
from tests.promises.conftest import Proof
from tests.promises.story import Story
from tests.support.till import rows
from tests.support.world import open_shop

LEDGER = {
    "a cent less captured": "UPDATE ledger_entry SET amount_cents = amount_cents - 1 WHERE kind = 'capture'",
    "no capture": "DELETE FROM ledger_entry WHERE kind = 'capture'",
    "a payment of another amount": "UPDATE payment SET amount_cents = amount_cents + 1;"
    "UPDATE booking_payment_stage SET amount_cents = amount_cents + 1;"
    "UPDATE payment_allocation SET amount_cents = amount_cents + 1",
    "a capture in another currency": "UPDATE ledger_entry SET currency = 'EUR' WHERE kind = 'capture'",
    "a refund in another currency": "UPDATE ledger_entry SET currency = 'EUR' WHERE kind = 'refund'",
    "a refund without its row": "DELETE FROM ledger_entry WHERE kind = 'refund'",
    "a cent more refunded": "UPDATE ledger_entry SET amount_cents = amount_cents - 1 WHERE kind = 'refund'",
    "a refund that is not done after all": "UPDATE refund_request SET status = 'FAILED'",
    "a refund of nobody's payment": "UPDATE ledger_entry SET payment_id = NULL WHERE kind = 'refund'",
    "both sides a cent off": "UPDATE payment SET amount_cents = amount_cents + 1;"
    "UPDATE booking_payment_stage SET amount_cents = amount_cents + 1;"
    "UPDATE payment_allocation SET amount_cents = amount_cents + 1;"
    "UPDATE ledger_entry SET amount_cents = amount_cents + 1 WHERE kind = 'capture'",
    "a bigger refund here": "UPDATE refund_request SET amount_cents = amount_cents + 1;"
    "UPDATE ledger_entry SET amount_cents = amount_cents - 1 WHERE kind = 'refund'",
    "more refunded than captured": "UPDATE refund_request SET amount_cents = 200000;"
    "UPDATE ledger_entry SET amount_cents = -200000 WHERE kind = 'refund'",
}


@pytest.fixture
def story(proof: Proof) -> Story:
    """A couple's business."""
    return Story(proof.till, proof.shop)


@pytest.fixture
def sold(proof: Proof, story: Story) -> Held:
    """A confirmed booking."""
    held = story.sell()
    assert proof.violations() == []
    return held


def intent(story: Story, held: Held) -> str:
    return str(story.payment_of(held).stripe_payment_intent_id)


@pytest.mark.parametrize("mutant", LEDGER)
def test_p8_sees_rows_that_do_not_add_up(proof: Proof, story: Story, sold: Held, mutant: str) -> None:
    story.give_back(sold, 40_000)
    story.settle()
    assert proof.violations() == []
    proof.tamper(*LEDGER[mutant].split(";"))
    # A refund's own promises may see the same rows.
    # Some change what stages add up to as well, and what can go back.
    assert {"P8"} <= proof.broken() <= {"P8", "P11", "P13", "P14"}


def test_p8_sees_a_refund_that_failed_at_the_bank_unheard(proof: Proof, story: Story, sold: Held) -> None:
    story.give_back(sold)
    story.settle()
    ((refund_id,),) = rows(proof.shop, "SELECT stripe_refund_id FROM refund_request")
    proof.till.stripe.settle_refund(refund_id, is_success=False)
    (violation,) = proof.violations()
    assert (violation.promise, violation.subject) == ("P8", intent(story, sold))
    assert violation.what == (
        "100000 USD captured, 100000 refunded, 0 on its way back, 0 withdrawn;"
        " at the provider 100000 USD captured, 0 refunded, 0 on its way back, 0 withdrawn"
    )
    story.settle()
    assert proof.violations() == []


def test_p8_sees_a_refund_that_arrived_unheard(proof: Proof, story: Story) -> None:
    held = story.on_its_way_back()
    assert proof.violations() == []
    ((refund_id,),) = rows(proof.shop, "SELECT stripe_refund_id FROM refund_request")
    proof.till.stripe.settle_refund(refund_id)
    assert [(each.promise, each.subject) for each in proof.violations()] == [("P8", intent(story, held))]


def test_p8_sees_a_dispute_that_nobody_heard_of(proof: Proof, story: Story, sold: Held) -> None:
    dispute = proof.till.stripe.open_dispute(intent(story, sold))
    assert proof.broken() == {"P8"}
    story.settle()
    assert proof.violations() == []
    proof.till.stripe.close_dispute(dispute["id"], is_won=True)
    assert proof.broken() == {"P8"}


def test_p8_sees_a_refund_that_waits_for_nobody(proof: Proof, story: Story) -> None:
    story.undoable()
    assert proof.violations() == []
    proof.tamper("UPDATE outbox SET status = 'dead' WHERE kind = 'refund.execute'")
    (violation,) = [each for each in proof.violations() if each.promise == "P8"]
    assert violation.what == "waits to go back, and nothing is going to send it"


def test_p8_and_p9_see_a_refund_made_by_hand(proof: Proof, story: Story, sold: Held) -> None:
    refund = proof.till.stripe.refund_by_hand(intent(story, sold), 30_000)
    found = {each.promise: each.subject for each in proof.violations()}
    assert found == {"P8": intent(story, sold), "P9": refund["id"]}
    story.settle()
    assert proof.violations() == []


def test_p9_sees_money_at_the_provider_that_has_no_row(proof: Proof, story: Story) -> None:
    held = story.hold()
    proof.till.pay(proof.shop, held)
    (violation,) = proof.violations()
    assert (violation.promise, violation.what) == ("P9", "a payment at the provider without a row here")
    story.settle()
    assert violation.subject == intent(story, held)
    assert proof.violations() == []


@pytest.mark.parametrize("account", [None, "acct_theirown"])
def test_p9_sees_it_behind_many_others_and_on_a_connected_account(
    proof: Proof, account: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.promises.orphans._PAGE", 2)
    if account:
        proof.till.stripe.add_account(account)
    story = Story(proof.till, open_shop(stripe_account_id=account))
    every = [story.hold() for _ in range(6)]
    for held in every:
        proof.till.pay(story.shop, held)
    unheard = [event for event in proof.till.events() if every[0].reference in str(event)]
    proof.till.deliver(events=[event for event in proof.till.events() if event not in unheard])
    (violation,) = proof.violations()
    assert violation.promise == "P9"
    assert violation.subject in str(unheard)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE payment SET stripe_payment_intent_id = 'pi_invented'", "that the provider does not know"),
        ("UPDATE refund_request SET stripe_refund_id = 're_invented'", "a refund here that the provider does not know"),
    ],
)
def test_p9_sees_rows_that_the_provider_knows_nothing_of(
    proof: Proof, story: Story, sold: Held, statement: str, what: str
) -> None:
    story.give_back(sold, 40_000)
    story.settle()
    proof.tamper(statement)
    found = proof.violations()
    assert {"P9"} <= {violation.promise for violation in found} <= {"P9", "P14"}
    assert any(what in violation.what for violation in found)


@pytest.mark.parametrize("mishap", [Story.paid_too_late, Story.paid_twice])
def test_p10_sees_money_that_nobody_owes_and_nobody_gives_back(
    proof: Proof, story: Story, mishap: Callable[[Story], Held]
) -> None:
    proof.till.stripe.fail_next("POST", "/v1/refunds", status=409, times=99)
    mishap(story)
    assert proof.broken() == {"P8"}  # asked for, and Stripe has not even taken it on
    proof.tamper("DELETE FROM refund_request")
    assert proof.broken() == {"P10"}


def test_p10_sees_money_whose_refund_has_failed_and_that_nobody_looks_after(proof: Proof, story: Story) -> None:
    story.bank_sent_refund_back(story.paid_too_late())
    assert proof.violations() == []
    proof.tamper("UPDATE booking SET needs_review = false WHERE needs_review")
    assert proof.broken() == {"P10"}


def test_p10_sees_money_that_differs_and_that_nobody_looks_after(proof: Proof, story: Story) -> None:
    held = story.underpaid()
    assert proof.violations() == []
    proof.tamper("UPDATE booking SET review_reason = ''")
    (violation,) = proof.violations()
    assert violation.promise == "P10"
    assert violation.what == f"captured for {held.reference}, which is expired, and pays 0 of its stages"


def test_an_account_that_does_not_answer_is_told_of_once(proof: Proof, story: Story) -> None:
    for _ in range(3):
        story.sell()
    proof.till.stripe.fail_next(status=500, times=99)
    told = [str(violation) for violation in proof.violations()]
    assert told == [f"{name} platform: the provider cannot be asked about this account: status_500"
                    for name in ("P8", "P9")]  # fmt: skip
