"""What a new date costs: today's price or the old one, another package, its fee; and what goes back."""

import secrets
from decimal import Decimal
from typing import Any

import pytest

from portal.bookings.policy.moving import MovePrice
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel.errors import Invalid
from portal.lifecycle.hold import Held
from portal.payments import commissions
from portal.payments.checkouts import Opened
from tests.support import leaving, moving, paying
from tests.support.couples import in_half_a_year
from tests.support.till import Till, booking, ledger, refunds, rows, stages
from tests.support.world import Business, open_business, open_shop

AT_TODAYS_PRICE = {**moving.FREELY, "price": "new"}
MAY_CHANGE = {**moving.FREELY, "may_change_package": True}


def costs(shop: Business, cents: int, slug: str = "whole-day") -> None:
    """The package has another price from today on."""
    with database.writing(shop.id):
        database.execute("UPDATE package SET base_price_cents = %s WHERE slug = %s", cents, slug)


def connected(till: Till, percent: str) -> Business:
    """A business with an account of its own, of which the platform takes a share."""
    account = f"acct_{secrets.token_hex(6)}"
    till.stripe.add_account(account)
    return open_shop(stripe_account_id=account, commission_percent=Decimal(percent))


def sold(till: Till, shop: Business, moving_terms: dict[str, Any], *, is_paid: bool = False, **wish: Any) -> Held:
    held = leaving.sold(till, shop, pays_in_full=is_paid, **wish)
    moving.terms(shop, held, moving_terms)
    return held


def test_the_old_price_stays_whatever_the_package_costs_today(till: Till, shop: Business) -> None:
    held = sold(till, shop, moving.FREELY)
    costs(shop, 260_000)
    moving.moved(shop, held)
    assert booking(shop, held).total_cents == 200_000


def test_a_price_that_rose_goes_into_what_is_still_open(till: Till, shop: Business) -> None:
    held = sold(till, shop, AT_TODAYS_PRICE, quantities={shop.add_ons["Album"]: 2})
    costs(shop, 260_000)
    with database.writing(shop.id):
        database.execute("UPDATE add_on SET price_cents = 35000")
    quote = moving.see(shop, held)
    assert (quote.result["total_cents"], quote.amount_cents) == ([260_000, 330_000], 0)
    moving.confirm(shop, held, quote)
    assert stages(shop) == [
        ("DEPOSIT", 130_000, "COMPLETED"),
        ("REMAINDER", 130_000, "VOID"),
        ("REMAINDER", 200_000, "PENDING"),
    ]
    assert moving.adds_up(shop, held)


def test_a_price_that_rose_is_paid_first_when_nothing_is_open(till: Till, shop: Business) -> None:
    held = sold(till, shop, {**moving.FOR_A_FEE, "price": "new"}, is_paid=True)
    costs(shop, 230_000)
    assert isinstance(moving.waiting(shop, held), Opened)
    assert booking(shop, held).total_cents == 200_000
    moving.pay(till, shop, held)
    assert booking(shop, held).total_cents == 235_000
    assert sorted(stages(shop)) == [
        ("FEE", 5_000, "COMPLETED"),
        ("FULL", 200_000, "COMPLETED"),
        ("INSTALLMENT", 30_000, "COMPLETED"),
    ]
    assert moving.adds_up(shop, held)


def test_a_price_that_fell_shrinks_what_is_open_and_nothing_goes_back(till: Till, shop: Business) -> None:
    held = sold(till, shop, AT_TODAYS_PRICE)
    paying.ask(shop, held)
    costs(shop, 150_000)
    moving.moved(shop, held)
    assert stages(shop)[1:] == [("REMAINDER", 100_000, "VOID"), ("REMAINDER", 50_000, "PENDING")]
    assert [each.status for each in paying.tries(shop, held)] == ["expired"]
    assert refunds(shop) == []
    assert moving.adds_up(shop, held)


def test_what_was_paid_above_a_price_that_fell_goes_back_newest_payment_first(till: Till, shop: Business) -> None:
    held = sold(till, shop, AT_TODAYS_PRICE)
    leaving.pay_the_rest(till, shop, held)
    costs(shop, 80_000)
    quote = moving.see(shop, held)
    assert (quote.amount_cents, quote.result["refund_cents"]) == (-120_000, 120_000)
    assert [part["amount_cents"] for part in quote.result["refunds"]] == [100_000, 20_000]
    moving.confirm(shop, held, quote)
    till.work(shop)
    assert sorted(refunds(shop)) == [("change", 20_000, "COMPLETED"), ("change", 100_000, "COMPLETED")]
    assert paying.captured_at_stripe(till) == [80_000]
    assert (booking(shop, held).total_cents, booking(shop, held).credited_cents) == (80_000, 120_000)
    assert moving.adds_up(shop, held)
    costs(shop, 95_000)
    assert isinstance(moving.waiting(shop, held, moving.later(shop, 20)), Opened)
    moving.pay(till, shop, held)
    assert paying.captured_at_stripe(till) == [15_000, 80_000] or sum(paying.captured_at_stripe(till)) == 95_000
    assert moving.adds_up(shop, held)


def test_a_fee_is_taken_from_what_would_go_back(till: Till, shop: Business) -> None:
    held = sold(till, shop, {**moving.FOR_A_FEE, "price": "new"}, is_paid=True)
    costs(shop, 180_000)
    done = moving.moved(shop, held)
    till.work(shop)
    assert (done.refund_cents, booking(shop, held).total_cents) == (15_000, 185_000)
    assert refunds(shop) == [("change", 15_000, "COMPLETED")]
    assert moving.adds_up(shop, held)


def test_another_package_brings_its_days_its_place_and_its_price(till: Till) -> None:
    shop = open_business(resources=("Hall", "Garden"))
    shop.package()
    weekend = shop.package("weekend", cents=300_000, days=2, buffer_days=1, resource=1)
    held = sold(till, shop, MAY_CHANGE)
    moving.moved(shop, held, package=weekend)
    now = booking(shop, held)
    assert (now.package_id, now.package_name, now.resource_id) == (weekend, "Weekend", shop.resource_ids[1])
    assert (now.days, now.buffer_days, now.total_cents) == (2, 1, 300_000)
    assert [kind for kind, _ in moving.days(shop, held).values()] == ["event", "event", "buffer"]
    assert rows(shop, "SELECT DISTINCT resource_id FROM date_claim") == [(shop.resource_ids[1],)]
    assert moving.adds_up(shop, held)


def test_another_package_on_the_same_date_is_a_move_as_well(till: Till, shop: Business) -> None:
    weekend = shop.package("weekend", cents=300_000, days=2)
    held = sold(till, shop, MAY_CHANGE)
    moving.moved(shop, held, in_half_a_year(shop), package=weekend)
    assert [kind for kind, _ in moving.days(shop, held).values()] == ["event", "event"]


def test_the_package_changes_only_where_it_may_and_to_one_that_is_offered(till: Till, shop: Business) -> None:
    weekend = shop.package("weekend")
    held = sold(till, shop, moving.FREELY)
    with pytest.raises(Invalid) as refused:
        moving.see(shop, held, package=weekend)
    assert set(refused.value.fields) == {"package"}
    with database.writing(shop.id):
        database.execute("UPDATE package SET max_guests = 20 WHERE id = %s", weekend)
    with pytest.raises(Invalid) as refused:
        moving.see(shop, held, package=weekend, actor=Actor.OWNER)
    assert set(refused.value.fields) == {"package"}
    with database.writing(shop.id):
        database.execute("UPDATE package SET is_active = false WHERE id = %s", weekend)
    with pytest.raises(Invalid) as refused:
        moving.see(shop, held, package=weekend, actor=Actor.OWNER)
    assert set(refused.value.fields) == {"package"}


def test_a_package_that_is_off_the_list_still_moves_at_todays_price(till: Till, shop: Business) -> None:
    held = sold(till, shop, AT_TODAYS_PRICE, quantities={shop.add_ons["Album"]: 1})
    with database.writing(shop.id):
        database.execute("UPDATE package SET is_active = false")
        database.execute("UPDATE add_on SET is_active = false, price_cents = 1")
    moving.moved(shop, held)
    assert booking(shop, held).total_cents == 230_000  # what is no longer offered keeps the price it was sold at


def test_the_business_may_ask_todays_price(till: Till, shop: Business) -> None:
    held = sold(till, shop, moving.FREELY)
    costs(shop, 240_000)
    moving.moved(shop, held, actor=Actor.OWNER, price=MovePrice.NEW)
    assert booking(shop, held).total_cents == 240_000
    assert moving.adds_up(shop, held)


@pytest.mark.parametrize(("mode", "net", "unit"), [("exclusive", 4_167, 4_167), ("inclusive", 4_167, 5_000)])
def test_a_fee_has_its_tax_inside_it(till: Till, mode: str, net: int, unit: int) -> None:
    shop = open_shop(tax_mode=mode)
    shop.package("taxed", rate_bp="2000")
    held = sold(till, shop, moving.FOR_A_FEE, package_slug="taxed")
    moving.waiting(shop, held)
    moving.pay(till, shop, held)
    fee = "SELECT net_cents, tax_cents, gross_cents, unit_cents FROM booking_line ORDER BY position DESC LIMIT 1"
    assert rows(shop, fee) == [(net, 5_000 - net, 5_000, unit)]
    assert moving.adds_up(shop, held)


def test_the_ladder_asks_more_for_each_move_and_every_fee_stays_in_the_price(till: Till, shop: Business) -> None:
    held = sold(till, shop, {**moving.FREELY, "free_moves": 1, "fees_cents": [5_000, 9_000], "price": "new"})
    moving.moved(shop, held)
    for number, fee in enumerate((5_000, 9_000, 9_000), start=2):
        quote = moving.see(shop, held, moving.later(shop, 10 * number))
        assert quote.result["fee_cents"] == fee
        moving.confirm(shop, held, quote)
        moving.pay(till, shop, held)
    assert booking(shop, held).total_cents == 223_000
    assert booking(shop, held).moves_done == 4
    assert moving.adds_up(shop, held)


@pytest.mark.parametrize(("price", "is_paid"), [(260_000, False), (260_000, True), (120_000, False), (200_000, True)])
def test_the_commission_over_all_stages_is_the_commission_of_the_total(till: Till, price: int, is_paid: bool) -> None:  # noqa: FBT001
    shop = connected(till, "3.33")
    held = sold(till, shop, {**moving.FOR_A_FEE, "fees_cents": [4_999], "price": "new"}, is_paid=is_paid)
    costs(shop, price)
    moving.waiting(shop, held)
    moving.pay(till, shop, held)
    if not is_paid:
        paying.ask(shop, held)
        till.stripe.pay(paying.sessions(shop, held)[-1])
        till.deliver()
    fees = [cents for kind, cents in ledger(shop) if kind == "fee"]
    assert {status for _, _, status in stages(shop)} <= {"COMPLETED", "VOID"}
    assert sum(fees) == booking(shop, held).commission_cents == -(-(price + 4_999) * 333 // 10_000)


def test_a_payment_without_an_account_brings_no_commission_later(till: Till) -> None:
    shop = open_shop(commission_percent=Decimal(10))
    held = leaving.sold(till, shop)
    with database.reading(shop.id):
        left = commissions.left(shop.id, held.booking_id, commission_cents=20_000, total_cents=200_000)
    assert left == 10_000


def test_the_commission_of_what_went_back_is_given_back(till: Till) -> None:
    shop = connected(till, "10")
    held = sold(till, shop, AT_TODAYS_PRICE, is_paid=True)
    costs(shop, 150_000)
    moving.moved(shop, held)
    till.work(shop)
    assert sum(cents for kind, cents in ledger(shop) if kind in {"fee", "fee_refund"}) == 15_000
    costs(shop, 170_000)
    moving.waiting(shop, held, moving.later(shop, 20))
    moving.pay(till, shop, held)
    assert sum(cents for kind, cents in ledger(shop) if kind in {"fee", "fee_refund"}) == 17_000
