"""`python -m portal.devtools.within flask outbox list`: one command in the environment of `make run`.

Joins the services of a running `make run`, or starts the database for as long as the command takes.
"""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from portal.devtools import paths
from portal.devtools.development import Ports, services


def main(command: list[str]) -> int:
    program, *arguments = command
    # The programs beside this interpreter come first: nobody needs to activate the environment.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    found = shutil.which(program, path=path)
    if found is None:
        print(f"{program}: no such command", file=sys.stderr)
        return 127
    with services(Ports.stored()) as environment:
        child = subprocess.Popen([found, *arguments], cwd=paths.ROOT, env={**environment, "PATH": path})
        signal.signal(signal.SIGTERM, lambda *_: child.terminate())
        while True:
            # Ctrl-C reaches the command as well; it decides how to end.
            with suppress(KeyboardInterrupt):
                return child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
