"""How gunicorn serves the site: threads, because a page waits for the database more than it computes.

Used by the container, `make run` and `make bench` with `--config python:portal.gunicorn`. gunicorn listens on
`PORT` of every address when that is set, takes the number of processes from `WEB_CONCURRENCY`, and its own
command line wins over everything here.
"""

import os
from pathlib import Path

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
# Its remote control would be a socket in the home directory, which several sites of one user would share.
control_socket_disable = True
