"""The worker's process: ``python -m tasks.worker``. It answers bells, keeps time and sweeps.

On SIGTERM it takes nothing new, finishes what it is doing (25 seconds at most) and leaves; what it could not finish
stays leased until the lease runs out. Killed, it loses nothing.
"""

import logging
import os
import sys
import threading

from huey.consumer import Consumer
from redis import RedisError

from portal import factory
from portal.db import outbox
from portal.settings import Settings, SettingsError
from tasks import pace, relay, schedule
from tasks.app import open_queue

THREADS = 3
_STOP_SECONDS = 25
log = logging.getLogger("aisle.worker")


def main() -> int:
    """Run until told to stop."""
    try:
        settings = Settings.from_env(os.environ)
        factory.connect(settings)
        factory.refuse_powerful_role()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if not settings.is_production:
        pace.install(pace.from_env(os.environ))
    outbox.install_doorbell(relay.ring)
    _quieten_huey()
    consumer = make_consumer()
    sweeper = threading.Thread(target=_sweep_until, args=(consumer.stop_flag,), name="Sweeper", daemon=True)
    sweeper.start()
    log.info("worker started, %s periodic jobs", schedule.count())
    consumer.run()
    sweeper.join(_STOP_SECONDS)
    return 0


def make_consumer() -> Consumer:
    """Huey's consumer with the options of this product (``-w 3 -g TERM -t 25``)."""
    return open_queue().create_consumer(
        workers=THREADS, graceful_signal="TERM", shutdown_timeout=_STOP_SECONDS, max_delay=1.0, scheduler_interval=1
    )


def _quieten_huey() -> None:
    """Else two lines per bell, and a traceback per thread and second while Redis is away."""

    def shorten(record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, RedisError):
            record.msg, record.args, record.exc_info = f"{record.getMessage()}: {error}", (), None
        return True

    logging.getLogger("huey").setLevel(logging.WARNING)
    for name in ("huey.consumer.Worker", "huey.consumer.Scheduler"):
        logging.getLogger(name).addFilter(shorten)


def _sweep_until(stopped: threading.Event) -> None:
    """Between Huey's minutes, and also when the queue itself is down."""
    while not stopped.wait(pace.current().sweep_every):
        try:
            relay.sweep(stopped.is_set)
        except Exception as error:  # noqa: BLE001  the next round may do better
            log.warning("sweeping failed: %s", error)


if __name__ == "__main__":
    sys.exit(main())
