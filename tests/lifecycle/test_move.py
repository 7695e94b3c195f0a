"""A date is moved as it was shown: at once when nothing is due, else by its payment; and never in between."""

from portal.payments.checkouts import Opened
from tests.support import leaving, moving
from tests.support.couples import in_half_a_year
from tests.support.days import claims_of
from tests.support.till import Till, booking, owed, stages
from tests.support.world import Business


def test_a_free_move_is_done_at_once(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, moving.FREELY)
    done = moving.moved(shop, held)
    now = booking(shop, held)
    assert (done.event_on, now.event_on, now.original_on) == (
        moving.later(shop),
        moving.later(shop),
        in_half_a_year(shop),
    )
    assert (now.moves_done, now.status, done.refund_cents) == (1, "confirmed", 0)
    assert moving.days(shop, held) == {moving.later(shop): ("event", False)}
    assert len(claims_of(shop)) == 1
    assert owed(shop).count("booking.moved") == 1
    assert moving.quotes(shop) == ["done"]
    assert moving.adds_up(shop, held)


def test_a_move_with_a_fee_waits_for_it_and_keeps_both_days_meanwhile(till: Till, shop: Business) -> None:
    held = leaving.sold(till, shop)
    moving.terms(shop, held, moving.FOR_A_FEE)
    assert isinstance(moving.waiting(shop, held), Opened)
    before = booking(shop, held)
    assert before.event_on == in_half_a_year(shop)
    assert moving.days(shop, held) == {in_half_a_year(shop): ("event", False), moving.later(shop): ("hold", True)}
    moving.pay(till, shop, held)
    now = booking(shop, held)
    assert (now.event_on, now.total_cents, now.moves_done) == (moving.later(shop), 205_000, 1)
    assert moving.days(shop, held) == {moving.later(shop): ("event", False)}
    assert stages(shop) == [
        ("DEPOSIT", 100_000, "COMPLETED"),
        ("REMAINDER", 100_000, "PENDING"),
        ("FEE", 5_000, "COMPLETED"),
    ]
    assert moving.adds_up(shop, held)
    assert owed(shop).count("booking.moved") == 1
    assert owed(shop).count("booking.stages_paid") == 0
