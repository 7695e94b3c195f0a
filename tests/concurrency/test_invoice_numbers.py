"""Twenty threads issue five hundred invoices while every third attempt fails: numbers 1 to 500, no gap, no double."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from uuid import UUID

import pytest

from portal.db import database
from portal.invoices import service
from portal.kernel import time
from portal.kernel.errors import Busy, Unavailable
from portal.promises import invoices as promises
from tests.support.documents import bare_confirmed
from tests.support.world import Business, open_shop

INVOICES, THREADS = 500, 20
pytestmark = pytest.mark.slow


class BrokenError(Exception):
    """Something after the number was taken went wrong."""


def break_here() -> None:
    raise BrokenError


def lose_the_connection() -> None:
    database.execute("SELECT pg_terminate_backend(pg_backend_pid())")


FAILURES: list[Callable[[], None]] = [break_here, lose_the_connection]


def issue_all(shop: Business, bookings: list[UUID]) -> int:
    """Issue for each booking from a shared queue until all are issued; how many attempts failed."""
    todo: SimpleQueue[UUID] = SimpleQueue()
    for booking_id in bookings:
        todo.put(booking_id)

    def work(seed: int) -> int:
        chance, failed = random.Random(seed), 0  # noqa: S311  an order, not a secret
        while True:
            try:
                booking_id = todo.get_nowait()
            except Empty:
                return failed
            try:
                with database.writing(shop.id):
                    assert len(service.keep_up(shop.id, booking_id, at=time.now())) == 1
                    if chance.random() < 1 / 3:
                        chance.choice(FAILURES)()
            except (BrokenError, Busy, Unavailable):
                failed += 1
                todo.put(booking_id)

    with ThreadPoolExecutor(THREADS) as crowd:
        return sum(crowd.map(work, range(THREADS)))


def test_five_hundred_invoices_by_twenty_threads_leave_no_gap_and_no_double(own_database: str) -> None:
    shop = open_shop(slug="crowded")
    assert issue_all(shop, [bare_confirmed(shop) for _ in range(INVOICES)]) > INVOICES / 10
    with database.reading(shop.id):
        found = database.rows("SELECT sequence, invoice_number, issued_on FROM invoice ORDER BY sequence")
        assert database.value("SELECT next_sequence FROM invoice_series") == INVOICES + 1
        assert database.value("SELECT count(DISTINCT booking_id) FROM invoice") == INVOICES
    assert [row.sequence for row in found] == list(range(1, INVOICES + 1))
    year = found[0].issued_on.year
    assert [row.invoice_number for row in found] == [f"CROWDED_{year}_{n:03d}" for n in range(1, INVOICES + 1)]
    assert promises.documents(time.now()) == []
