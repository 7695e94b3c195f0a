"""Free ports on the loopback address. A port is only known to be free at the moment it is looked at."""

import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do it: a port whose last connections are still closing is free to listen on.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def preferred_port(wanted: int) -> int:
    """The wanted port, else one near it, which is easier to find than any."""
    for port in range(wanted, min(wanted + 50, 65536)):
        if is_free(port):
            return port
    return free_port()
