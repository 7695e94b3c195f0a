"""A scheduler as a process of its own: ``python -m tests.support.schedulers`` marks what is due, a few at a time."""

import os
import subprocess
import sys
from collections.abc import Mapping
from time import sleep

from portal import factory
from portal.db import outbox
from portal.devtools.paths import ROOT
from portal.kernel import time
from portal.kernel.errors import PortalError
from portal.messages import due, planning
from portal.settings import Settings
from tasks import relay

FEW = 3


def start(environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """One more of them; whoever starts it kills it."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.schedulers"],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def main() -> None:
    """Every tenth of a second, what every minute is for."""
    factory.connect(Settings.from_env(os.environ))
    outbox.install_doorbell(relay.ring)
    while True:
        try:
            due.mark_some(time.now(), batch=FEW)
            planning.plan_unplanned(time.now())
        except PortalError:
            sleep(0.5)
        sleep(0.1)


if __name__ == "__main__":
    main()
