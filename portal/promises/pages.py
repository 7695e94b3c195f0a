"""P28: looking changes nothing. Every address that there is is asked, and the sums over all tables are compared.

The addresses are filled from rows that exist, and a stranger, a couple with its link and a member of each business
look at them, so that pages are really made and not only refused. None of them needs a row of its own for that.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from contextvars import Context
from datetime import datetime
from time import monotonic, sleep
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from portal.db import database
from portal.promises.fingerprints import differing, fingerprints
from portal.promises.violations import Violation, everything

_BUSINESSES = 5
_PACKAGES = 3
_BOOKINGS = 2  # in each state
_LOOKING = ("GET", "HEAD", "OPTIONS")
_ROUNDS = 3
_SERVER_ERROR = 500
_NOTHING = UUID(int=0)  # a text, a number and a key to whatever wants one


class Visits(Protocol):
    """Browsers of people: a function that asks for an address and tells the status of the answer."""

    def couple(self, token_ids: Iterable[UUID]) -> AbstractContextManager[Callable[[str, str], int]]:
        """Somebody who has opened these links; without any a stranger."""

    def member(self, user_id: UUID) -> AbstractContextManager[Callable[[str, str], int]]:
        """Somebody who is logged in."""


class Business(NamedTuple):
    """A tenant to look at."""

    slug: str
    packages: list[str]
    references: list[str]
    token_ids: list[UUID]
    member_id: UUID | None


def looking_changes_nothing(app: Any, visits: Visits, _at: datetime) -> list[Violation]:  # noqa: ANN401  a Flask app, unknown below web
    """P28, always. What others change all the time is looked at again, three times at most."""
    # Outside of any request's or command's context, so that each look makes one of its own.
    return Context().run(_prove, app, visits)


def _prove(app: Any, visits: Visits) -> list[Violation]:  # noqa: ANN401
    businesses = _sample()
    addresses, faults = _addresses(app, businesses)
    for _ in range(_ROUNDS):
        before, began = fingerprints(), monotonic()
        troubles = _look(visits, businesses, addresses)
        after = fingerprints()
        changed = differing(before, after)
        if not changed:
            return [*faults, *troubles]
        sleep(monotonic() - began)
        by_others = differing(after, fingerprints())
        what = f"changed while {len(addresses)} addresses were looked at, and not while nobody looked"
        if changed - by_others:
            return [*faults, *troubles, *(Violation("P28", each, what) for each in sorted(changed - by_others))]
    what = "others change it all the time, so that nothing is proven"
    return [*faults, *troubles, *(Violation("P28", each, what) for each in sorted(changed))]


def _look(visits: Visits, businesses: list[Business], addresses: list[str]) -> list[Violation]:
    failed: set[str] = set()
    token_ids = [each for business in businesses for each in business.token_ids]
    with visits.couple([]) as stranger, visits.couple(token_ids) as couple:
        failed.update(_failing(stranger, addresses), _failing(couple, addresses))
    for business in businesses:
        if business.member_id is not None:
            own = [each for each in addresses if f"/{business.slug}" in each]
            with visits.member(business.member_id) as member:
                failed.update(_failing(member, own))
    return [Violation("P28", each, "fails, so that looking at it proves nothing") for each in sorted(failed)]


def _failing(ask: Callable[[str, str], int], addresses: list[str]) -> Iterator[str]:
    for address in addresses:
        if max([ask(method, address) for method in _LOOKING]) >= _SERVER_ERROR:
            yield address


def _sample() -> list[Business]:
    """Businesses with packages and bookings in every state they have, the busiest first."""
    with everything():
        found = database.rows(
            "SELECT t.id, t.slug, ARRAY(SELECT slug FROM package p WHERE p.tenant_id = t.id AND is_active"
            "   ORDER BY position LIMIT %s) AS packages,"
            "  (SELECT user_id FROM membership m JOIN user_account u ON u.id = m.user_id"
            "    WHERE m.tenant_id = t.id AND u.is_active ORDER BY m.role = 'owner' DESC LIMIT 1) AS member_id"
            " FROM tenant t WHERE is_active"
            " ORDER BY (SELECT count(*) FROM (SELECT 1 FROM booking b WHERE b.tenant_id = t.id LIMIT 100) few) DESC,"
            "  t.id LIMIT %s",
            _PACKAGES,
            _BUSINESSES,
        )
        return [Business(row.slug, row.packages, *_bookings(row.id), row.member_id) for row in found]


def _bookings(tenant_id: UUID) -> tuple[list[str], list[UUID]]:
    """References and links; none to a booking whose couple's look would ring the worker's doorbell."""
    rows = database.rows(
        "SELECT b.reference, (SELECT id FROM booking_action_token k WHERE k.tenant_id = b.tenant_id"
        "   AND k.booking_id = b.id AND revoked_at IS NULL AND used_at IS NULL AND expires_at > now()"
        "   AND NOT EXISTS (SELECT 1 FROM checkout c WHERE c.tenant_id = b.tenant_id AND c.booking_id = b.id"
        "     AND c.status IN ('creating', 'open', 'processing')) ORDER BY created_at LIMIT 1) AS token_id"
        " FROM (SELECT DISTINCT status FROM booking WHERE tenant_id = %s) s CROSS JOIN LATERAL"
        " (SELECT * FROM booking WHERE tenant_id = %s AND status = s.status"
        "   ORDER BY event_on DESC, id DESC LIMIT %s) b",
        tenant_id,
        tenant_id,
        _BOOKINGS,
    )
    return [row.reference for row in rows], [row.token_id for row in rows if row.token_id]


def _addresses(app: Any, businesses: list[Business]) -> tuple[list[str], list[Violation]]:  # noqa: ANN401
    """Every address there is, filled in, and a violation for each rule that cannot be."""
    adapter = app.url_map.bind("localhost")
    addresses: dict[str, None] = {}
    faults = []
    for rule in app.url_map.iter_rules():
        built = [_built(adapter, rule, values) for values in _fillings(set(rule.arguments), businesses)]
        addresses.update(dict.fromkeys(each for each in built if each))
        if not any(built):
            faults.append(Violation("P28", rule.rule, "cannot be looked at"))
    return list(addresses), faults


def _built(adapter: Any, rule: Any, values: dict[str, object]) -> str | None:  # noqa: ANN401
    try:
        return str(adapter.build(rule.endpoint, {name: values.get(name, _NOTHING) for name in rule.arguments}))
    except (LookupError, TypeError, ValueError):  # none of its converters takes what there is
        return None


def _fillings(names: set[str], businesses: list[Business]) -> Iterator[dict[str, object]]:
    """Values that belong together; for a rule without such a name, or without any business, once."""
    if not names & {"slug", "package", "reference"} or not businesses:
        yield {"token": "x" * 43}
        return
    for business in businesses:
        packages: list[object] = [*business.packages] if "package" in names else []
        references: list[object] = [*business.references] if "reference" in names else []
        for package in packages or [_NOTHING]:
            for reference in references or [_NOTHING]:
                yield {"slug": business.slug, "package": package, "reference": reference}
