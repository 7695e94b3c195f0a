"""Who may carry out an effect, and whose result counts."""

import threading
from datetime import timedelta

from portal.kernel import time
from tasks import claims
from tests.tasks.conftest import KIND, Errands, change, stored


def test_an_effect_that_somebody_has_leased_is_left_to_them(errands: Errands) -> None:
    effect_id = errands.owe()
    assert claims.claim(effect_id, at=time.now(), lease=60)
    assert claims.claim(effect_id, at=time.now(), lease=60) is None


def test_of_many_rivals_one_gets_the_lease(errands: Errands) -> None:
    effect_id = errands.owe()
    gate, won = threading.Barrier(8), []

    def compete() -> None:
        gate.wait()
        claim = claims.claim(effect_id, at=time.now(), lease=60)
        if claim:
            won.append(claim)

    rivals = [threading.Thread(target=compete) for _ in range(8)]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert len(won) == 1


def test_a_lease_that_ran_out_is_taken_over_and_the_late_result_is_refused(errands: Errands) -> None:
    effect_id = errands.owe()
    first = claims.claim(effect_id, at=time.now(), lease=60)
    assert first
    change(effect_id, "leased_until = now() - interval '1 second'")
    second = claims.claim(effect_id, at=time.now(), lease=60)
    assert second
    assert second.effect.attempts == 2
    assert not claims.finish(first, at=time.now())
    assert not claims.put_back(first, due_at=time.now(), error="late")
    assert stored(effect_id).status == "leased"
    assert claims.finish(second, at=time.now())
    assert stored(effect_id).status == "done"


def test_an_effect_of_tomorrow_waits_until_then(errands: Errands) -> None:
    effect_id = errands.owe()
    change(effect_id, "due_at = due_at + interval '1 day'")
    assert claims.claim(effect_id, at=time.now(), lease=60) is None
    assert claims.claim(effect_id, at=time.now() + timedelta(days=1, seconds=1), lease=60)


def test_what_waits_is_listed_with_the_urgent_first(errands: Errands) -> None:
    slow, urgent = errands.owe(), errands.owe("checkout.settle")
    assert claims.waiting(at=time.now(), first=["checkout.settle"], limit=10) == [urgent, slow]
    assert claims.waiting(at=time.now(), first=[KIND], limit=10) == [slow, urgent]
