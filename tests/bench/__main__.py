"""`make bench`: how quick pages are as multiples of a bare Flask page, measured side by side in one run.

Three alternating rounds, each page and the bare one on the same server settings, every request on a new connection.
Prints each figure with its goal; ends with 1 when a goal is missed. Times on a shared machine swing; ratios hold.
``python -m tests.bench documents`` measures PDFs alone, ``python -m tests.bench messages`` what is planned alone.
"""

import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal import factory
from portal.bookings import tokens
from portal.bookings.queries import by_reference
from portal.bookings.states import LinkAction
from portal.db import database
from portal.devtools import embedded_postgres, system_packages
from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.settings import Settings
from portal.web.application import Application
from tests.bench import browser, documents, holding, load, messages, seed, servers
from tests.bench.load import Measured
from tests.support import databases, people, world
from tests.support.world import Business

ROUNDS = 3
BOOKINGS = 10_000


@dataclass(frozen=True)
class Page:
    """One address to load, and the share of the bare page's throughput that it must reach."""

    name: str
    path: str
    goal: float
    cookies: str = ""


def main() -> int:
    """Measure everything and say so."""
    system_packages.ensure("wrk")
    with ExitStack() as stack:
        cluster = stack.enter_context(embedded_postgres.start(embedded_postgres.TESTS, durable=False))
        name = stack.enter_context(databases.cloned(cluster))
        var = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = servers.free_port()
        environment = _environment(cluster.app_url(name), cluster.owner_url(name), var, port)
        app = factory.create_app(Settings.from_env(environment))
        shop = world.open_shop()
        seed.bookings(shop, BOOKINGS)
        seed.let_the_planner_know(environment["DATABASE_OWNER_URL"])
        pages = _addresses(app, shop)
        parts: dict[str, Callable[[], list[bool]]] = {
            "pages": lambda: [*_pages(environment, pages, shop, port, var), _hold(app, environment)],
            "documents": lambda: _documents(environment, pages, shop, port, var),
            "messages": lambda: _messages(cluster, environment, var),
        }
        is_met = [met for part in sys.argv[1:] or parts for met in parts[part]()]
        database.db.close_all()
    return 0 if all(is_met) else 1


def _environment(app_url: str, owner_url: str, var: Path, port: int) -> dict[str, str]:
    return {
        "APP_ENV": "test", "SECRET_KEY": secrets.token_hex(32), "DATABASE_URL": app_url,
        "DATABASE_OWNER_URL": owner_url, "BASE_URL": f"http://127.0.0.1:{port}", "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_WEBHOOK_SECRET": "whsec_bench", "STRIPE_API_BASE": "http://127.0.0.1:9", "VAR_DIR": str(var),
    }  # fmt: skip


def _addresses(app: Application, shop: Business) -> list[Page]:
    owner = people.logged_in(app, people.person(shop.id))
    login = owner.get_cookie("login")
    reference = seed.some_reference(shop)
    with database.writing(shop.id):
        booking = by_reference(shop.id, reference)
        raw = tokens.mint(shop.id, booking.id, action=LinkAction.MANAGE, at=time.now()).raw
    couple = app.test_client()
    couple.get(f"/m/{raw}")
    links = couple.get_cookie("links")
    if login is None or links is None:
        raise RuntimeError("the login or the link set no cookie")
    return [
        Page("storefront", shop.url(), 0.5),
        Page("package page with calendar", shop.url("packages/whole-day"), 0.3),
        Page("couple's page", f"/manage/{reference}", 0.22, f"links={links.value}"),
        Page(f"list of {BOOKINGS:,} bookings", f"/dashboard/{shop.slug}/bookings", 0.2, f"login={login.value}"),
    ]


@contextmanager
def _servers(
    environment: Mapping[str, str], port: int, path: str, var: Path
) -> Iterator[tuple[servers.Server, servers.Server]]:
    bare_port = servers.free_port()
    with (
        servers.gunicorn("tests.bench.bare:app", environment, port=bare_port, path="/", log=var / "bare.log") as bare,
        servers.gunicorn("app:app", environment, port=port, path=path, log=var / "web.log") as web,
    ):
        yield bare, web


def _pages(environment: Mapping[str, str], pages: list[Page], shop: Business, port: int, var: Path) -> list[bool]:
    with _servers(environment, port, shop.url(), var) as (bare, web):
        measured: dict[str, list[Measured]] = {page.name: [] for page in pages}
        bare_rounds = []
        for _ in range(ROUNDS):
            bare_rounds.append(load.run(bare.url + "/"))
            for page in pages:
                measured[page.name].append(load.run(web.url + page.path, cookies=page.cookies))
        busy = load.run(web.url + pages[0].path, connections=100)
        view = browser.first_view(web.url + pages[0].path)
        memory = web.worker_megabytes()
    base = load.median(bare_rounds)
    print(f"{'page':32} {'req/s':>8} {'p50 ms':>8} {'p99 ms':>8} {'of bare':>8} {'goal':>6}")
    print(f"{'bare Flask page':32} {base.per_second:8.0f} {base.p50:8.1f} {base.p99:8.1f} {1:8.2f}")
    is_met = []
    for page in pages:
        one = load.median(measured[page.name])
        share = one.per_second / base.per_second
        print(f"{page.name:32} {one.per_second:8.0f} {one.p50:8.1f} {one.p99:8.1f} {share:8.2f} {page.goal:6.2f}")
        is_met.append(share >= page.goal)
    return [
        *is_met,
        _goal("storefront p99 at 100 connections, ms", busy.p99, 250),
        _goal("storefront first view without photos, KiB", view.kib, 90),
        _goal("storefront requests without photos", view.requests, 8),
        _goal("storefront largest paint, ms", view.largest_paint_ms, 1000),
        _goal("web worker memory, MB", memory, 110),
        _goal("start to first answer, s", web.seconds_to_first_answer, 1),
    ]


def _hold(app: Application, environment: Mapping[str, str]) -> bool:
    import os

    os.environ.update(environment)
    from tests.bench.bare import app as bare

    ours, theirs, times = holding.ratio(app, bare.test_client(), world.open_shop())
    print(f"placing a hold {ours:.2f} ms, the same rows by a bare route {theirs:.2f} ms")
    return _goal("placing a hold, times the bare route", times, 3)


def _documents(environment: Mapping[str, str], pages: list[Page], shop: Business, port: int, var: Path) -> list[bool]:
    couple = next(page for page in pages if page.name == "couple's page")
    with _servers(environment, port, shop.url(), var) as (_, web):
        quiet, busy, count = documents.beside_pages(web.url + couple.path, couple.cookies, ROUNDS)
    print(f"couple's page p99 {quiet:.1f} ms, {busy:.1f} ms while {count} PDFs were made")
    of_bare, of_chromium, times = documents.ratios()
    print(", ".join(f"{name} {each:.0f} ms" for name, each in times.items()))
    seconds, megabytes, growth = documents.in_one_file(world.open_shop())
    print(f"{documents.IN_ONE_FILE} invoices in one file of {megabytes:.1f} MB, with their PDFs in {seconds:.0f} s")
    return [
        _goal("couple's page p99 while PDFs are made, times", busy / quiet, 2.5),
        _goal("warm invoice PDF, times bare WeasyPrint", of_bare, 1.3),
        _goal("warm invoice PDF, times Chromium", of_chromium, 0.4),
        _goal("memory for 100 in one file, times that for 50", growth, 1.2),
    ]


def _messages(cluster: Cluster, environment: Mapping[str, str], var: Path) -> list[bool]:
    sizes, times = messages.finding(cluster, environment)
    print(f"{'planned messages':32} {'found ms':>9} {'whole ms':>9}")
    for size, (found, whole) in sizes.items():
        print(f"{size:32} {found:9.2f} {whole:9.2f}")
    rate, busy = messages.sending(cluster, environment, var)
    print(f"one worker sends {rate:.0f} messages a second into files, with {busy:.1f} ms of processor for each")
    return [_goal("finding the next 500 due, times as among 10,000", times, 2)]


def _goal(name: str, value: float, most: float) -> bool:
    print(f"{name:48} {value:8.2f} {'at most':>8} {most:8.2f}{'' if value <= most else '   MISSED'}")
    return value <= most


if __name__ == "__main__":
    sys.exit(main())
