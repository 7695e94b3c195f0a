"""Placing a hold through the site, against a bare route that writes the same rows: both in this process, in turns."""

import json
import re
import secrets
import time as clock
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from unittest import mock
from uuid import UUID

from flask.testing import FlaskClient
from psycopg2.extensions import Binary
from psycopg2.extras import Json
from werkzeug.test import Client

from portal.db import database
from portal.kernel import time
from portal.kernel.ids import is_reference, new_reference, uuid7
from portal.payments import gateway
from portal.payments.gateway import Session
from portal.web.application import Application
from tests.support.world import Business

EACH = 150
_UUID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")
Statement = tuple[str, list[object]]


class InstantStripe:
    """A provider that opens sessions at once, so that only our own work is measured."""

    is_live = False

    def create_session(self, parameters: Mapping[str, object], *, key: str, account: str | None) -> Session:
        del parameters, account
        return Session(
            id=f"cs_{key}", status="open", payment_status="unpaid", amount_total=0, currency="USD", is_live=False,
            url="https://checkout.stripe.com/pay", expires_at=time.now() + timedelta(minutes=35),
        )  # fmt: skip


def ratio(app: Application, bare: Client, shop: Business) -> tuple[float, float, float]:
    """Milliseconds of a hold and of the bare route, and how many times the one is the other."""
    before = gateway.current()
    gateway.install(InstantStripe())  # type: ignore[arg-type]  # opening a session is all that a hold asks for
    try:
        days = _days()
        statements = _recorded(app, shop, next(days))
        ours = theirs = 0.0
        for _ in range(EACH):
            ours += _timed(_hold(app, shop, next(days)))
            theirs += _timed(_bare(bare, shop, statements, next(days)))
    finally:
        gateway.install(before)
    return ours / EACH * 1000, theirs / EACH * 1000, ours / theirs


def _days() -> Iterator[date]:
    first = time.now().date() + timedelta(days=40)
    return (first + timedelta(days=count) for count in range(1000))


def _hold(app: Application, shop: Business, day: date) -> Callable[[], None]:
    client = app.test_client()
    address = shop.url("book/whole-day")
    form = _form(client, f"{address}?date={day}") | {
        "first_partner": "Ada", "second_partner": "Ruben", "email": "ada@couples.example", "date": day.isoformat(),
        "pay": "deposit", "terms": "1",
    }  # fmt: skip

    def place() -> None:
        answer = client.post(address, data=form)
        if answer.status_code != 303:
            raise RuntimeError(answer.text)

    return place


def _form(client: FlaskClient, address: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', client.get(address).text)
    return dict(fields)


def _recorded(app: Application, shop: Business, day: date) -> list[Statement]:
    """The INSERT statements that a hold makes, to be made again by the bare route."""
    inserts: list[Statement] = []
    execute = database.db.execute_sql

    def record(sql: str, params: Sequence[object] | None = None) -> object:
        if sql.lstrip().startswith("INSERT"):
            inserts.append((sql, list(params or ())))
        return execute(sql, params)

    with mock.patch.object(database.db, "execute_sql", record):
        _hold(app, shop, day)()
    return inserts


def _bare(bare: Client, shop: Business, statements: list[Statement], day: date) -> Callable[[], None]:
    fresh = _Fresh(shop, day)
    again = [(sql, [fresh.value(one) for one in params]) for sql, params in statements]
    bind: Statement = ("SELECT set_config('app.tenant_id', %s, true)", [str(shop.id)])
    body = json.dumps([bind, *again])

    def post() -> None:
        answer = bare.post("/hold", data=body, content_type="application/json")
        if answer.status_code != 204:
            raise RuntimeError(answer.text)

    return post


class _Fresh:
    """New keys for rows that are written again; what they point to outside of them stays."""

    def __init__(self, shop: Business, day: date) -> None:
        self.day = day
        self.kept = {key.hex: str(key) for key in (shop.id, shop.resource_id, *shop.packages.values())}

    def _key(self, found: re.Match[str]) -> str:
        return self.kept.setdefault(found[0].replace("-", ""), str(uuid7()))

    def value(self, value: object) -> object:
        match value:
            case bytes() | memoryview() | Binary():
                fresh: object = "\\x" + secrets.token_hex(32)
            case Json():
                fresh = json.dumps(value.adapted, default=str)
            case Decimal():
                fresh = str(value)
            case datetime():
                fresh = value.isoformat()
            case date():
                fresh = self.day.isoformat()
            case list():
                fresh = [self.value(one) for one in value]
            case str() if is_reference(value):
                fresh = self.kept.setdefault(value, new_reference())
            case UUID() | str():
                fresh = _UUID.sub(self._key, str(value))
            case _:
                fresh = value
        return fresh


def _timed(act: Callable[[], None]) -> float:
    started = clock.perf_counter()
    act()
    return clock.perf_counter() - started
