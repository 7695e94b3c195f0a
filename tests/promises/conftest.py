"""A database and a Stripe of the test's own, hands that reach past every service, and the checker to see it."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime

import psycopg2
import pytest

from portal.devtools.embedded_postgres import Cluster
from portal.kernel import time
from portal.promises import checker
from portal.promises.violations import Violation
from portal.web.application import Application
from portal.web.visits import Visits
from tests.support import world
from tests.support.mailroom import mail_folder
from tests.support.till import Till, till
from tests.support.world import Business

__all__ = ["mail_folder", "till"]


@dataclass
class Proof:
    """A shop, what the checker finds in its database, and ways to give it something to find."""

    till: Till
    shop: Business
    app: Application
    cluster: Cluster
    database: str

    def tamper(self, *statements: str) -> None:
        """Change rows and tables as nobody of ours may: as the server's superuser."""
        opened = psycopg2.connect(self.cluster.superuser_url, dbname=self.database)
        with closing(opened), opened, opened.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                assert cursor.rowcount, f"touched nothing: {statement}"

    def violations(self, *, at: datetime | None = None) -> list[Violation]:
        """What the checks of rows find; whether pages change something does not hang on rows."""
        checks = checker.checks(self.app, Visits(self.app))
        # In tests of their own: what looks at pages, and what sees the rows of P1 and P8 from another side.
        for name in ("P5", "P7", "P12", "P13", "P14", "P28", "P29"):
            del checks[name]
        return [violation for check in checks.values() for violation in check(at or time.now())]

    def broken(self, *, at: datetime | None = None) -> set[str]:
        """Which promises those are."""
        return {violation.promise for violation in self.violations(at=at)}


@pytest.fixture
def proof(own_database: str, cluster: Cluster, till: Till, app: Application) -> Proof:
    """Nothing is broken before the test breaks it."""
    return Proof(till, world.open_shop(), app, cluster, own_database)
