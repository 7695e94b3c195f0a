"""How gunicorn serves the site: threads, because a page waits for the database more than it computes.

Used by the container, `make run` and `make bench` with `--config python:portal.gunicorn`. gunicorn listens on
`PORT` of every address when that is set, takes the number of processes from `WEB_CONCURRENCY`, and its own
command line wins over everything here.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
threads = 8
timeout = 30
graceful_timeout = 25
keepalive = 5
# One line per request is the application's, structured and without tokens; gunicorn's own would show addresses.
accesslog = None
# Heartbeats go to memory: on some disks of containers a slow write looks like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - gunicorn makes a private file there
# Proxies are counted by the application itself (TRUSTED_PROXIES).
forwarded_allow_ips = ""
# The processes add up what they count (portal.web.metrics) in files that live as long as the server.
_counts = None
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    _counts = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="aisle-metrics-")
# Its remote control would be a socket in the home directory, which several sites of one user would share.
control_socket_disable = True


def on_exit(_server: Any) -> None:  # noqa: ANN401 - gunicorn's arbiter, which is not imported for its name
    """Take the counts along, where nobody asked for them to stay."""
    if _counts:
        shutil.rmtree(_counts, ignore_errors=True)
