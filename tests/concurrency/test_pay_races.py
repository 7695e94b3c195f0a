"""Two tabs, two hands, one stage: whoever comes at the same instant, each stage is paid once. Real threads."""

from collections.abc import Callable

import pytest

from portal.kernel import time
from portal.kernel.errors import Busy
from portal.lifecycle import finish
from portal.lifecycle.hold import Held
from portal.lifecycle.pay import NotPayable
from portal.lifecycle.settle import settle
from portal.payments.checkouts import NotOpened, Opened
from tests.concurrency.test_settle_races import race
from tests.support import leaving, paying
from tests.support.till import Till, booking, owed, refunds, rows, stages, till
from tests.support.world import Business

__all__ = ["till"]
pytestmark = pytest.mark.slow
RACERS = 6


def open_at_stripe(till: Till, shop: Business, held: Held) -> list[str]:
    """The sessions of a booking's stages that Stripe would still take money for."""
    known = {each.stripe_checkout_session_id for each in paying.tries(shop, held) if each.status == "open"}
    return [session for session in paying.sessions(shop, held) if session in known]


def test_tabs_that_pay_the_same_stage_share_one_session(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    answers = race(*[lambda: paying.ask(shop, held)] * RACERS)
    assert all(isinstance(each, Opened) for each in answers), answers
    assert len({each.url for each in answers if isinstance(each, Opened)}) == 1
    assert len(paying.tries(shop, held)) == 1
    till.stripe.pay(paying.sessions(shop, held)[0])
    till.deliver()
    assert stages(shop)[1][2] == "COMPLETED"


def test_tabs_that_choose_differently_leave_one_session_open(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    first, second = paying.in_instalments(shop, held, 40_000, 60_000)
    wishes: list[Callable[[], object]] = [
        lambda chosen=chosen: paying.ask(shop, held, *chosen)  # type: ignore[misc]
        for chosen in ((first,), (second,), (first, second))
    ]
    answers = race(*wishes)
    assert all(isinstance(each, Opened | NotOpened | NotPayable | Busy) for each in answers), answers
    # Whatever each was told, nobody was led to a page that asks for something else than they chose.
    chosen = {each.id: each.amount_cents for each in paying.tries(shop, held)}
    for answer, cents in zip(answers, (40_000, 60_000, 100_000), strict=True):
        assert not isinstance(answer, Opened) or chosen[answer.checkout_id] == cents
    assert len(open_at_stripe(till, shop, held)) <= 1
    assert isinstance(paying.ask(shop, held), Opened)
    (session,) = open_at_stripe(till, shop, held)
    till.stripe.pay(session)
    till.deliver()
    assert {status for _, _, status in stages(shop)} == {"COMPLETED"}
    assert refunds(shop) == []


def test_webhook_and_return_page_at_once_write_a_payment_down_once(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    paying.ask(shop, held)
    (attempt,) = paying.tries(shop, held)
    till.stripe.pay(attempt.stripe_checkout_session_id or "")
    settled = race(*[lambda: settle(shop.id, attempt.id, at=time.now()).outcome] * RACERS)
    assert sorted(str(each) for each in settled) == ["confirmed", *["known"] * (RACERS - 1)]
    assert owed(shop).count("booking.stages_paid") == 1
    assert rows(shop, "SELECT count(*) FROM payment_allocation") == [(2,)]


@pytest.mark.parametrize("_", range(4))
def test_paying_and_cancelling_at_once_end_with_nothing_open_and_nothing_kept_for_nothing(
    till: Till, shop: Business, _: int
) -> None:
    held = leaving.sold(till, shop)
    asked, cancelled = race(lambda: paying.ask(shop, held), lambda: leaving.cancelling(shop, held))
    assert isinstance(asked, Opened | NotOpened | NotPayable), asked
    assert not isinstance(cancelled, Exception), cancelled
    for session in paying.sessions(shop, held):
        till.stripe.pay(session)
    finish.end_sessions(shop.id, held.booking_id, at=time.now())
    till.work(shop)
    assert all(each.status in {"paid", "expired"} for each in paying.tries(shop, held))
    assert booking(shop, held).status == "cancelling"
    assert stages(shop)[1][2] == "PENDING"
    paid = [each for each in paying.tries(shop, held) if each.status == "paid"]
    assert refunds(shop) == [("not_owed", 100_000, "COMPLETED")] * len(paid)


def test_two_sessions_for_overlapping_stages_keep_each_stage_once(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    spare, other = (leaving.open_session_for_the_rest(till, shop, held) for _ in range(2))
    for session in (spare, other):
        till.stripe.pay(session)
    wanted = "SELECT id FROM checkout WHERE stripe_checkout_session_id = ANY (%s)"
    ids = [each for (each,) in rows(shop, wanted, [spare, other])]
    outcomes = race(*[lambda each=each: settle(shop.id, each, at=time.now()).outcome for each in ids])
    assert {str(each) for each in outcomes} == {"confirmed", "returned"}
    till.work(shop)
    assert refunds(shop) == [("duplicate", 100_000, "COMPLETED")]
    per_stage = "SELECT count(*) FROM payment_allocation GROUP BY stage_id"
    assert rows(shop, per_stage) == [(1,), (1,)]
