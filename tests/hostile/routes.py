"""Every route that takes a form, with the person who may send it, and the two laws that hold for whatever is sent.

Never a 500, and what was refused has written nothing but counters, sessions and the security log.
"""

from functools import lru_cache
from typing import Any

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.promises.fingerprints import fingerprints
from portal.web.application import Application
from tests.hostile import forms
from tests.hostile.cast import House, Visitor, addresses, couple, forget_limits, member, waiter
from tests.hostile.forms import BOXES, SIGNED, SIGNPOSTS

FORM = "application/x-www-form-urlencoded"
# Who confirms figures that are old is refused, and offered those of now.
OFFERED = {"couple.cancel_confirm": "change_quote", "dashboard.cancel_confirm": "change_quote"}


class Route:
    """A form of the site, the person who may send it, and its fields filled in."""

    def __init__(self, endpoint: str, address: str, visitor: Visitor, home: House) -> None:
        self.endpoint, self.address, self.visitor, self.home = endpoint, address, visitor, home

    @property
    def fields(self) -> dict[str, Any]:
        return forms.fields(self.endpoint, self.home)

    def post(self, data: Any, **more: Any) -> Any:
        """Send it; the laws hold for the answer."""
        forget_limits()
        before = written(but=OFFERED.get(self.endpoint, ""))
        answer = self.visitor.client.post(self.address, data=data, **more)
        # Without Stripe a date is held all the same, with word of when to try the payment again.
        assert answer.status_code < 500 or (answer.status_code == 503 and self.endpoint == "booking.hold")
        if 400 <= answer.status_code < 500:
            assert written(but=OFFERED.get(self.endpoint, "")) == before, (
                f"{self.endpoint} wrote and answered {answer.status_code}"
            )
        return answer

    def send(self, **changes: Any) -> Any:
        """The form with some fields changed."""
        return self.post({"csrf_token": self.visitor.csrf, **self.fields, **changes})

    def names(self) -> list[str]:
        """Fields that decide something."""
        return [name for name in self.fields if not {name, f"{name} of {self.endpoint[10:]}"} & (SIGNPOSTS | BOXES)]


def written(*, but: str = "") -> tuple[object, ...]:
    """Everything but counters, sessions and the security log."""
    with database.reading(), platform_scope(reason="a test"):
        end_of_log = database.value("SELECT pg_current_wal_insert_lsn()::text")
    return _written(end_of_log, but)


@lru_cache(maxsize=2)
def _written(end_of_log: str, but: str) -> tuple[object, ...]:
    """``end_of_log``: of PostgreSQL's write-ahead log. While it has not grown, nothing was written anywhere."""
    sums = {name: each for name, each in fingerprints().items() if name != but}
    with database.reading(), platform_scope(reason="a test"):
        owed = database.value("SELECT count(*) FROM outbox")
    return owed, sorted(sums.items())


def every(app: Application, home: House) -> list[Route]:
    """Every route of the URL map that takes a POST with a form."""
    senders = {
        "dashboard": member(app, home),
        "couple": couple(app, home, home.sold),
        "booked": couple(app, home, home.sold),
        "booking": couple(app, home, home.sold),
        "waiting": waiter(app, home),
    }
    stranger = Visitor("stranger", app.test_client())
    found = list(addresses(app, home.values, method="POST"))
    made = [Route(name, address, senders.get(name.partition(".")[0], stranger), home) for name, address in found]
    return [route for route in made if route.endpoint not in SIGNED]
