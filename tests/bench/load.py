"""One stretch of load with wrk, a new connection for every request, and what it measured."""

import re
import statistics
import subprocess
from dataclasses import dataclass

_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Measured:
    """Requests per second, and milliseconds that half and 99 of 100 answers took at most."""

    per_second: float
    p50: float
    p99: float


def run(url: str, *, cookies: str = "", seconds: int = 4, connections: int = 16) -> Measured:
    """Load one address. Raises when an answer was not a success: an error page is quick and proves nothing."""
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", "Connection: close"]
    if cookies:
        command += ["-H", f"Cookie: {cookies}"]
    text = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{url}: {text}")
    return Measured(_figure(text, r"Requests/sec:\s+([\d.]+)"), _percentile(text, "50"), _percentile(text, "99"))


def median(rounds: list[Measured]) -> Measured:
    """The middle of several rounds, figure by figure."""
    return Measured(
        statistics.median(one.per_second for one in rounds),
        statistics.median(one.p50 for one in rounds),
        statistics.median(one.p99 for one in rounds),
    )


def _figure(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"wrk said nothing of {pattern}: {text}")
    return float(found[1])


def _percentile(text: str, rank: str) -> float:
    found = re.search(rf"^\s+{rank}%\s+([\d.]+)(us|ms|s|m)\s*$", text, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"wrk said nothing of p{rank}: {text}")
    return float(found[1]) * _UNITS[found[2]]
