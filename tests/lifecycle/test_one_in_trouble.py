"""What goes wrong with one row, in a way that nobody has foreseen, does not keep a sweep from the others."""

from datetime import time as clock_time
from datetime import timedelta
from typing import Any

import pytest

from portal.availability import service as dates
from portal.bookings import service as bookings
from portal.kernel import time
from portal.lifecycle import complete, finish, reconcile, release
from portal.payments import attempts
from tests.support import leaving
from tests.support.couples import hold, in_half_a_year
from tests.support.sold import sell
from tests.support.till import Till, booking, checkout
from tests.support.world import Business, open_shop

NOON = clock_time(12)


@pytest.fixture
def two(own_database: str) -> tuple[Business, Business]:
    """The first of these shops is the one in trouble."""
    return open_shop(), open_shop()


def breaking(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, shop: Business) -> None:
    """A function that fails for one tenant as only a bug can."""
    real = getattr(module, name)

    def fail(tenant_id: object, *args: Any, **options: Any) -> Any:
        if tenant_id == shop.id:
            raise KeyError("a bug")
        return real(tenant_id, *args, **options)

    monkeypatch.setattr(module, name, fail)


def test_releasing_goes_on(two: tuple[Business, Business], till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = two
    hold(broken)
    held = hold(other)
    breaking(monkeypatch, dates, "release_days", broken)
    assert release.release_due(time.now() + timedelta(hours=1)) == 1
    assert booking(other, held).status == "expired"


def test_reconciling_goes_on(two: tuple[Business, Business], till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = two
    ours = [till.hold(shop) for shop in two]
    for shop, held in zip(two, ours, strict=True):
        till.pay(shop, held)
    monkeypatch.setattr(reconcile, "_AT_ONCE", 1)
    breaking(monkeypatch, attempts, "load", broken)
    for minutes in (5, 10):
        assert reconcile.reconcile(time.now() + timedelta(minutes=minutes)).attempts == 1
    assert booking(other, ours[1]).status == "confirmed"
    assert checkout(other, ours[1]).status == "paid"


def test_completing_goes_on(two: tuple[Business, Business], monkeypatch: pytest.MonkeyPatch) -> None:
    broken, other = two
    sell(broken)
    sold = sell(other)
    breaking(monkeypatch, bookings, "transition", broken)
    monkeypatch.setattr(complete, "_BATCH", 2)
    after = in_half_a_year(other, plus=2)
    assert complete.complete_past(time.local_instant(after, NOON, "UTC")) == 1
    assert booking(other, sold).status == "completed"  # type: ignore[arg-type]


def test_making_cancellations_final_goes_on(
    two: tuple[Business, Business], till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, _ = two
    ours = [leaving.sold(till, shop) for shop in two]
    for shop, held in zip(two, ours, strict=True):
        leaving.cancelling(shop, held)
    breaking(monkeypatch, dates, "release_days", broken)
    assert finish.finish_due(time.now() + leaving.WINDOW) == 1
    assert [booking(shop, held).status for shop, held in zip(two, ours, strict=True)] == ["cancelling", "cancelled"]
