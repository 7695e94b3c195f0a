"""How an effect is carried out, tried again, given up and brought forward."""

from datetime import timedelta

import pytest

from portal.invoices.printer import PrinterBusyError
from portal.kernel import time
from tasks import claims, mourning, pace, reactions, relay
from tasks.claims import Effect
from tasks.pace import Pace
from tests.tasks.conftest import KIND, Errands, change, stored

pytestmark = pytest.mark.usefixtures("silent")


def test_an_effect_is_carried_out_once(errands: Errands) -> None:
    effect_id = errands.owe()
    assert relay.answer(effect_id)
    assert not relay.answer(effect_id)
    assert [effect.id for effect in errands.done] == [effect_id]
    assert stored(effect_id).status == "done"


def test_a_failure_comes_back_later_and_tells_why(errands: Errands) -> None:
    errands.fails = 1
    effect_id = errands.owe()
    assert not relay.answer(effect_id)
    row = stored(effect_id)
    assert (row.status, row.attempts, row.last_error) == ("due", 1, "ConnectionError: the world is away")
    assert row.due_at > time.now()


def test_what_has_to_wait_for_its_turn_comes_back_soon_and_has_not_failed(
    errands: Errands, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def busy(_: Effect) -> None:
        raise PrinterBusyError("another document is being made")

    pace.install(Pace(turn=0, most_attempts=2, fewest_attempts=1))
    caplog.set_level("INFO", logger="aisle.outbox")
    effect_id = errands.owe()
    change(effect_id, "created_at = created_at - interval '25 hours'")
    with monkeypatch.context() as others:
        others.setitem(reactions.REACTIONS, KIND, busy)
        for _ in range(5):
            assert not relay.answer(effect_id)
    row = stored(effect_id)
    assert (row.status, row.attempts, row.last_error, row.lease_id) == ("due", 0, "", None)
    assert (caplog.messages, relay._failing) == ([], set())
    assert relay.answer(effect_id)
    assert [(effect.id, effect.attempts) for effect in errands.done] == [(effect_id, 1)]


def test_it_is_not_its_turn_at_once(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: Effect) -> None:
        raise PrinterBusyError("another document is being made")

    monkeypatch.setitem(reactions.REACTIONS, KIND, busy)
    pace.install(Pace(turn=60))
    effect_id = errands.owe()
    assert not relay.answer(effect_id)
    assert stored(effect_id).due_at > time.now()
    assert claims.claim(effect_id, at=time.now(), lease=60) is None


def test_the_delay_doubles_up_to_its_cap_and_never_marches_in_step() -> None:
    pace.install(Pace(first_delay=2, longest_delay=60))
    assert 1 <= relay.delay_after(1) <= 2
    assert 4 <= relay.delay_after(3) <= 8
    assert 30 <= relay.delay_after(20) <= 60
    assert len({relay.delay_after(20) for _ in range(20)}) > 15
    pace.install(Pace())


def test_what_failed_for_a_day_is_dead_and_somebody_is_told(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Effect] = []
    monkeypatch.setattr(mourning, "mourn", lambda effect, _: told.append(effect))
    errands.fails = 1
    effect_id = errands.owe()
    change(effect_id, "attempts = 9, created_at = created_at - interval '25 hours'")
    relay.answer(effect_id)
    assert stored(effect_id).status == "dead"
    assert [effect.id for effect in told] == [effect_id]


def test_a_young_effect_is_not_given_up_however_often_it_failed_today(errands: Errands) -> None:
    errands.fails = 1
    effect_id = errands.owe()
    change(effect_id, "attempts = 40")
    relay.answer(effect_id)
    assert stored(effect_id).status == "due"


def test_an_effect_that_kills_its_workers_is_given_up_without_another_try(errands: Errands) -> None:
    effect_id = errands.owe()
    change(effect_id, "attempts = 300, status = 'leased', leased_until = now() - interval '1 second'")
    relay.answer(effect_id)
    assert stored(effect_id).status == "dead"
    assert errands.done == []


def test_the_first_success_brings_forward_what_waits_of_its_kind(errands: Errands) -> None:
    pace.install(Pace(first_delay=500, longest_delay=500, rest=0))
    errands.fails = 3
    waiting = [errands.owe() for _ in range(3)]
    for effect_id in waiting:
        relay.answer(effect_id)
    assert all(stored(effect_id).due_at > time.now() for effect_id in waiting)
    assert relay.answer(errands.owe())
    assert all(stored(effect_id).due_at <= time.now() for effect_id in waiting)


def test_what_was_tried_a_moment_ago_is_not_brought_forward(errands: Errands) -> None:
    pace.install(Pace(first_delay=500, longest_delay=500, rest=20))
    errands.fails = 1
    effect_id = errands.owe()
    relay.answer(effect_id)
    assert relay.answer(errands.owe())
    assert stored(effect_id).due_at > time.now()


def test_a_bell_for_something_slow_serves_the_urgent_first(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reactions.REACTIONS, "checkout.settle", errands.react)
    slow = errands.owe()
    urgent = [errands.owe("checkout.settle") for _ in range(2)]
    relay.bell.call_local(str(slow))
    assert [effect.id for effect in errands.done] == [*urgent, slow]


def test_the_urgent_do_not_keep_the_others_for_ever(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reactions.REACTIONS, "checkout.settle", errands.react)
    urgent = [errands.owe("checkout.settle") for _ in range(relay._URGENT_FIRST + 2)]
    slow = errands.owe()
    relay.bell.call_local(str(slow))
    assert [effect.id for effect in errands.done] == [*urgent[: relay._URGENT_FIRST], slow]


def test_the_sweeper_finds_what_is_due_and_what_was_left_behind(
    errands: Errands, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: set[object] = set()

    def remember(effect_id: object, **_: object) -> bool:
        rung.add(effect_id)
        return True

    monkeypatch.setattr(relay, "_enqueue", remember)
    monkeypatch.setattr(relay, "_is_queue_full", lambda: False)
    due, lapsed, later, leased = (errands.owe() for _ in range(4))
    claims.claim(lapsed, at=time.now(), lease=60)
    change(lapsed, "leased_until = now() - interval '1 second'")
    change(later, "due_at = due_at + interval '1 hour'")
    claims.claim(leased, at=time.now(), lease=60)
    relay.sweep()
    assert rung == {due, lapsed}


def test_a_kind_that_nobody_knows_stays_owed_and_visible(errands: Errands) -> None:
    effect_id = errands.owe("kind.of.a.newer.version")
    relay.answer(effect_id)
    assert stored(effect_id).status == "due"
    assert "kind.of.a.newer.version" in stored(effect_id).last_error


def test_a_worker_that_wakes_after_its_lease_does_not_count(errands: Errands, monkeypatch: pytest.MonkeyPatch) -> None:
    effect_id = errands.owe()

    def sleep_through_the_lease(effect: Effect) -> None:
        errands.react(effect)
        if len(errands.done) == 1:
            change(effect.id, "leased_until = now() - interval '1 second'")
            assert relay.answer(effect.id)

    monkeypatch.setitem(reactions.REACTIONS, KIND, sleep_through_the_lease)
    assert not relay.answer(effect_id)
    assert stored(effect_id).status == "done"
    assert stored(effect_id).attempts == 2


def test_an_effect_in_the_future_is_brought_by_the_clock(errands: Errands) -> None:
    effect_id = errands.owe()
    change(effect_id, "due_at = due_at + interval '2 days'")
    assert not relay.answer(effect_id)
    with time.frozen(time.now() + timedelta(days=2, minutes=1)):
        assert relay.answer(effect_id)
