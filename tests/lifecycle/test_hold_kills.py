"""A process killed while it holds a date: before the commit nothing happened, after it the form finds its hold."""

import os
import subprocess
import sys
from uuid import UUID, uuid4

import pytest

from portal.db import database
from portal.devtools.paths import ROOT
from portal.kernel import time
from portal.kernel.failpoints import EXIT_CODE
from portal.lifecycle.hold import hold_date
from tests.support.couples import form
from tests.support.days import claims_of
from tests.support.world import Business

pytestmark = pytest.mark.slow

CHILD = """
import os, sys
from uuid import UUID
from portal import factory
from portal.db import database
from portal.settings import Settings
from portal.tenants import queries
from tests.support.couples import hold
from tests.support.world import Business
factory.connect(Settings.from_env(os.environ))
tenant_id, resource_id, package_id, nonce = (UUID(text) for text in sys.argv[1:])
with database.reading(tenant_id):
    shop = Business(queries.get(tenant_id), [resource_id], {"whole-day": package_id})
hold(shop, nonce=nonce)
"""


def die(shop: Business, nonce: UUID, failpoint: str, environment: dict[str, str]) -> None:
    """Hold the usual date in a process that ends at a failpoint."""
    arguments = [shop.id, shop.resource_id, shop.packages["whole-day"], nonce]
    done = subprocess.run(
        [sys.executable, "-c", CHILD, *map(str, arguments)],
        env={**os.environ, **environment, "FAILPOINT": failpoint, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == EXIT_CODE, done.stdout + done.stderr


def bookings(shop: Business) -> list[UUID]:
    with database.reading(shop.id):
        return [row.id for row in database.rows("SELECT id FROM booking")]


def test_killed_before_the_commit_nothing_is_held(shop: Business, environment: dict[str, str]) -> None:
    nonce = uuid4()
    die(shop, nonce, "hold.before_commit", environment)
    assert bookings(shop) == []
    assert claims_of(shop) == {}
    held = hold_date(shop.id, form(shop, nonce=nonce), at=time.now())
    assert bookings(shop) == [held.booking_id]


def test_killed_after_the_commit_the_same_form_finds_its_hold(shop: Business, environment: dict[str, str]) -> None:
    nonce = uuid4()
    die(shop, nonce, "hold.after_commit", environment)
    (booking_id,) = bookings(shop)
    held = hold_date(shop.id, form(shop, nonce=nonce), at=time.now())
    assert held.booking_id == booking_id
    assert bookings(shop) == [booking_id]
    assert held.checkout_id is not None
    assert len(claims_of(shop)) == 1
