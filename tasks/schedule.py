"""Every periodic job on one screen. Each tick is done once, whoever runs it (``ticks``), and may be missed.

Huey's scheduler counts in minutes; a worker also sweeps every few seconds between (``worker``).
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from huey import crontab

from portal.calendars import checking, comparing
from portal.lifecycle import complete, finish, move_lapse, reconcile, release, waiting
from portal.messages import due, owner_plans, planning, recovery, summaries, weekly
from tasks import cleaning, relay, ticks
from tasks.app import huey


def _every(pattern: Callable[[datetime], bool], name: str, every: timedelta, job: Callable[[datetime], object]) -> None:
    def tick() -> None:
        ticks.once(name, every, job)

    huey.periodic_task(pattern, name=name)(tick)


# fmt: off
_every(crontab(),                        "sweep_outbox",       timedelta(minutes=1),  lambda _: relay.sweep())
_every(crontab(),                        "release_holds",      timedelta(minutes=1),  release.release_due)
_every(crontab(),                        "finish_cancelling",  timedelta(minutes=1),  finish.finish_due)
_every(crontab(),                        "lapse_moves",        timedelta(minutes=1),  move_lapse.lapse_due)
_every(crontab(),                        "serve_waitlists",    timedelta(minutes=1),  waiting.sweep)
_every(crontab(),                        "read_calendars",     timedelta(minutes=1),  checking.owe_due)
_every(crontab(),                        "compare_calendars",  timedelta(minutes=1),  comparing.owe_due)
_every(crontab(),                        "plan_messages",      timedelta(minutes=1),  planning.plan_unplanned)
_every(crontab(),                        "mark_due_messages",  timedelta(minutes=1),  due.mark_due)
_every(crontab(minute="*/5"),            "plan_free_dates",    timedelta(minutes=5),  weekly.plan_missing)
_every(crontab(minute="*/5"),            "plan_summaries",     timedelta(minutes=5),  summaries.plan_missing)
_every(crontab(minute="*/15"),           "tell_overdue",       timedelta(minutes=15), owner_plans.tell_overdue)
_every(crontab(minute="*/5"),            "reconcile_payments", timedelta(minutes=5),  reconcile.reconcile)
_every(crontab(minute="5"),              "complete_bookings",  timedelta(hours=1),    complete.complete_past)
_every(crontab(minute="25"),             "clean",              timedelta(hours=1),    cleaning.clean)
_every(crontab(minute="40", hour="3"),   "recover_messages",   timedelta(days=1),     recovery.recover)
# fmt: on


def count() -> int:
    """How many jobs there are."""
    return len(huey._registry.periodic_tasks)  # noqa: SLF001  Huey has no other way to ask
