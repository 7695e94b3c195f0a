"""The worker, allowed to read calendars on loopback at the port in ``CALENDAR_PORT``; a module to be run.

The product itself has no such switch.
"""

import os
import sys
from functools import partial

from portal.calendars import refreshing
from portal.calendars.targets import Rules
from tasks import worker

if __name__ == "__main__":
    at_home = Rules(lambda ip: ip.is_loopback, frozenset({int(os.environ["CALENDAR_PORT"])}))
    vars(refreshing)["refresh"] = partial(refreshing.refresh, rules=at_home)
    sys.exit(worker.main())
