"""Carries out what the outbox owes: claim, act outside of any transaction, record.

A bell names an effect, the row decides: whoever answers claims it or goes away. What fails comes back later, with a
growing delay and jitter; what fails for a day is dead, visible and retryable. What has to wait for its turn comes back
soon and has not failed. A worker that is killed leaves a lease that runs out.
"""

import logging
import random
import time as stopwatch
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from portal.kernel import time
from tasks import claims, mourning, pace, reactions
from tasks.app import huey, open_queue
from tasks.claims import Claim

log = logging.getLogger("aisle.outbox")

# A queue with this many bells in it needs no more of them: those that were lost are found when it has emptied.
_ENOUGH_BELLS = 200
_SWEPT_AT_ONCE = 500
# So many of the urgent kinds go before the effect that a bell names. Not all: they have bells of their own, and while
# Stripe hangs each takes seconds that a mail to somebody else need not wait.
_URGENT_FIRST = 3
# After a bell could not be rung nobody waits for the next ones; the sweeper finds their rows.
_QUIET_SECONDS = 5.0
_ERROR_LENGTH = 500
_quiet_until = 0.0
# Kinds that failed in this process since they last went well.
_failing: set[str] = set()


@huey.task(name="bell")  # type: ignore[untyped-decorator]
def bell(effect_id: str) -> None:
    """Somebody says that an effect is due. What a couple waits for on a page goes first."""
    for _ in range(_URGENT_FIRST):
        urgent = _claim_urgent()
        if urgent is None:
            break
        _carry_out(urgent)
    answer(UUID(effect_id))


def ring(effect_id: UUID) -> None:
    """Tell a worker about an effect, after its commit. Never raises and hardly waits."""
    _enqueue(effect_id)


def answer(effect_id: UUID) -> bool:
    """Carry out one effect if it is due and nobody else has it; whether this attempt did."""
    claim = claims.claim(effect_id, at=time.now(), lease=pace.current().lease)
    return claim is not None and _carry_out(claim)


def sweep(is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Ring for everything that is due or was left behind; without a queue, do it here and now."""
    found = claims.waiting(at=time.now(), first=reactions.URGENT, limit=_SWEPT_AT_ONCE)
    if not found or _is_queue_full():
        return
    for effect_id in found:
        if is_stopping():
            return
        if not _enqueue(effect_id):
            answer(effect_id)


def _claim_urgent() -> Claim | None:
    return claims.claim_first_of(reactions.URGENT, at=time.now(), lease=pace.current().lease)


def _carry_out(claim: Claim) -> bool:
    """React, outside of any transaction, and record how it went. Whether it went well and counted."""
    effect = claim.effect
    if _is_hopeless(claim):
        _give_up(claim, "it was begun too often and never ended")
        return False
    try:
        reactions.react(effect)
    except reactions.NOT_BEGUN:
        _wait_for_turn(claim)
        return False
    except Exception as error:  # noqa: BLE001  whatever it was, the effect is still owed
        _failed(claim, error)
        return False
    if not claims.finish(claim, at=time.now()):
        log.warning("effect %s (%s) was taken over meanwhile", effect.id, effect.kind)
        return False
    _went_well(effect.kind)
    return True


def _wait_for_turn(claim: Claim) -> None:
    """Come back in a moment, and not all at the same one."""
    delay = pace.current().turn * random.uniform(0.5, 1.5)  # noqa: S311  no secret
    if claims.give_back(claim, due_at=time.now() + timedelta(seconds=delay)):
        _enqueue(claim.effect.id, delay=delay)


def _failed(claim: Claim, error: Exception) -> None:
    effect, text = claim.effect, f"{type(error).__name__}: {error}"[:_ERROR_LENGTH]
    _failing.add(effect.kind)
    if _is_given_up(claim):
        _give_up(claim, text)
        return
    delay = delay_after(effect.attempts)
    log.info("effect %s (%s) failed, attempt %s: %s", effect.id, effect.kind, effect.attempts, text)
    if claims.put_back(claim, due_at=time.now() + timedelta(seconds=delay), error=text):
        _enqueue(effect.id, delay=delay)


def delay_after(attempts: int) -> float:
    """Seconds until the next attempt: doubling, capped, with jitter so that rows do not march in step."""
    chosen = pace.current()
    longest: float = min(chosen.longest_delay, chosen.first_delay * 2 ** min(attempts - 1, 30))
    return longest * random.uniform(0.5, 1)  # noqa: S311  no secret


def _is_given_up(claim: Claim) -> bool:
    chosen, attempts = pace.current(), claim.effect.attempts
    is_old = time.now() - claim.created_at >= timedelta(seconds=chosen.give_up_after)
    return attempts >= chosen.most_attempts or (is_old and attempts >= chosen.fewest_attempts)


def _is_hopeless(claim: Claim) -> bool:
    """One attempt more than allowed was begun: those before ended with the worker that made them."""
    return claim.effect.attempts > pace.current().most_attempts


def _give_up(claim: Claim, text: str) -> None:
    log.error(
        "effect %s (%s) is dead after %s attempts: %s", claim.effect.id, claim.effect.kind, claim.effect.attempts, text
    )
    if claims.bury(claim, at=time.now(), error=text):
        mourning.mourn(claim.effect, text)


def _went_well(kind: str) -> None:
    """The first success after failures: what waits for a retry of this kind need not wait longer."""
    if kind not in _failing:
        return
    _failing.discard(kind)
    chosen = pace.current()
    for effect_id in claims.pull_forward(kind, at=time.now(), lease=chosen.lease, rest=chosen.rest):
        _enqueue(effect_id)


def _enqueue(effect_id: UUID, *, delay: float = 0) -> bool:
    global _quiet_until  # noqa: PLW0603  one queue per process
    if stopwatch.monotonic() < _quiet_until:
        return False
    try:
        open_queue()
        if delay:
            bell.schedule(args=(str(effect_id),), delay=delay)
        else:
            bell(str(effect_id))
    except Exception as error:  # noqa: BLE001  the row is stored; a doorbell may fail in any way it likes
        _quiet_until = stopwatch.monotonic() + _QUIET_SECONDS
        log.warning("the queue does not answer: %s", error)
        return False
    return True


def _is_queue_full() -> bool:
    try:
        return bool(open_queue().storage.queue_size() >= _ENOUGH_BELLS)
    except Exception:  # noqa: BLE001  no queue is no full queue
        return False
