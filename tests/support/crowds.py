"""Many people at the same instant."""

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier


def all_at_once(acts: Iterable[Callable[[], str]]) -> Counter[str]:
    """What became of each act; none begins before all stand ready."""
    todo = list(acts)
    barrier = Barrier(len(todo))

    def run(act: Callable[[], str]) -> str:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(len(todo)) as crowd:
        return Counter(crowd.map(run, todo))
