"""P29: only hashes of tokens are stored, and a link serves its tenant, its booking and its purpose alone.

Every stored text is searched for what hashes to a stored hash. Then browsers that hold one link each, of every purpose
and every end, ask for the pages of its own booking and of another one: what a link does not open shows nothing of the
couple.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from contextvars import Context
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from portal.db import database
from portal.promises.violations import Violation, everything, found

_EACH = 2  # links of each purpose and end
_SHORTEST = 5  # a shorter text may stand on a page by chance
_HASH_BYTES = 32
# The last part of the addresses that a link opens beside those that show everything; "" is the couple's page itself.
_WHOLE = frozenset({"manage", "browser"})
_OPENS = {
    "reschedule": frozenset({"reschedule", "paid"}),
    "cancel": frozenset({"cancel"}),
    "email": frozenset({"new-address"}),
    "look": frozenset({"look", "calendar.ics"}),
    "pay": frozenset({"pay", "paid"}),
}
_USED_OPENS = {"reschedule": frozenset({"paid"})}  # back from Stripe, when the move has used it up
_LINKS = """
SELECT k.id, k.action, CASE WHEN k.revoked_at IS NOT NULL THEN 'ended' WHEN k.used_at IS NOT NULL THEN 'used'
  WHEN k.expires_at <= %s THEN 'expired' ELSE 'valid' END AS state, b.*,
  row_number() OVER (PARTITION BY k.action, k.revoked_at IS NULL, k.used_at IS NULL, k.expires_at <= %s
    ORDER BY k.created_at DESC, k.id) AS number
FROM booking_action_token k JOIN target b ON b.tenant_id = k.tenant_id AND b.booking_id = k.booking_id
"""
# Not those whose couple's look would ring the worker's doorbell.
_TARGETS = """
WITH target AS (SELECT b.tenant_id, b.id AS booking_id, b.reference, t.slug,
  (SELECT max(i.invoice_number) FROM invoice i WHERE i.tenant_id = b.tenant_id AND i.booking_id = b.id) AS document,
  ARRAY[c.first_partner, c.second_partner, c.email, c.second_email, c.phone, b.venue, b.notes] AS secrets
  FROM booking b JOIN customer c ON c.tenant_id = b.tenant_id AND c.id = b.customer_id
  JOIN tenant t ON t.id = b.tenant_id
  WHERE t.is_active AND NOT EXISTS (SELECT 1 FROM checkout x WHERE x.tenant_id = b.tenant_id AND x.booking_id = b.id
    AND x.status IN ('creating', 'open', 'processing')))
"""
_OTHERS = """
SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY tenant_id ORDER BY booking_id DESC) AS number FROM target) b
WHERE number <= 2 ORDER BY booking_id DESC LIMIT 20
"""


class Readers(Protocol):
    """Browsers of people: a function that asks for an address and tells the text of the answer."""

    def reader(self, token_ids: list[UUID]) -> AbstractContextManager[Callable[[str], str]]:
        """Somebody who has opened these links and no other."""


def serve(app: Any, readers: Readers, at: datetime) -> list[Violation]:  # noqa: ANN401  a Flask app, unknown below web
    """P29, always."""
    # Outside of any request's or command's context, so that each look makes one of its own.
    opened = Context().run(lambda: list(_open(app, readers, at)))
    return [*_not_hashes(), *_stored(), *opened]


def _not_hashes() -> list[Violation]:
    """Columns for tokens that are no SHA-256, by their type or by what stands in them."""
    faults = [
        Violation("P29", f"{table}.token_hash", "is no column for a hash that must be there")
        for table, is_hash in _token_columns().items()
        if not is_hash
    ]
    for table, is_hash in _token_columns().items():
        if is_hash:
            what = f"'is no SHA-256 in {table}'"
            faults += found(
                "P29",
                f"SELECT id AS subject, {what} AS what FROM {table} WHERE octet_length(token_hash) <> {_HASH_BYTES}",
            )
    return faults


def _token_columns() -> dict[str, bool]:
    """Tables with tokens, and whether the column can hold nothing but bytes."""
    with everything():
        rows = database.rows(
            "SELECT a.attrelid::regclass::text AS name, a.atttypid = 'bytea'::regtype AND a.attnotnull AS is_hash"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid WHERE a.attname = 'token_hash'"
            " AND c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
        )
    return dict(rows)


def _stored() -> Iterator[Violation]:
    """Tables in which a text stands that hashes to a stored hash: a raw token."""
    known = [name for name, is_hash in _token_columns().items() if is_hash]
    hashes = " UNION ALL ".join(f"SELECT token_hash FROM {name}" for name in known)
    with everything():
        tables = [
            row.name
            for row in database.rows(
                "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                " AND c.relkind IN ('r', 'p') AND has_table_privilege(c.oid, 'SELECT') ORDER BY 1"
            )
        ]
    for table in tables:
        # A token may stand at either end of a longer run of such letters.
        yield from found(
            "P29",
            f"SELECT '{table}' AS subject, count(*) || ' rows hold a token that is known as a hash' AS what FROM ("
            f" SELECT part[1] AS run FROM {table} t, regexp_matches(t::text, '[A-Za-z0-9_-]{{43,}}', 'g') AS part) runs"
            f" WHERE EXISTS (SELECT 1 FROM ({hashes}) k WHERE k.token_hash IN"
            "  (sha256(convert_to(left(run, 43), 'UTF8')), sha256(convert_to(right(run, 43), 'UTF8'))))"
            " HAVING count(*) > 0",
        )


def _open(app: Any, readers: Readers, at: datetime) -> Iterator[Violation]:  # noqa: ANN401
    with everything():
        links = database.rows(f"{_TARGETS} SELECT * FROM ({_LINKS}) k WHERE number <= %s ORDER BY id", at, at, _EACH)
        bookings = database.rows(f"{_TARGETS} {_OTHERS}")
    for link in links:
        targets = [link, *_others(link, bookings)] if link.state == "valid" else [link]
        with readers.reader([link.id]) as read:
            for target in targets:
                for address, part in _addresses(app, target):
                    if not _may_open(link, target, part) and (what := _shown(read(address), target)):
                        told = f"shows {what} to the {link.state} {link.action} link {link.id}"
                        yield Violation("P29", address, told)


def _others(link: database.Row, bookings: list[database.Row]) -> list[database.Row]:
    """Another booking of the same business, and one of another business."""
    same = [each for each in bookings if each.tenant_id == link.tenant_id and each.booking_id != link.booking_id]
    foreign = [each for each in bookings if each.tenant_id != link.tenant_id]
    return [*same[:1], *foreign[:1]]


def _may_open(link: database.Row, target: database.Row, part: str) -> bool:
    if link.booking_id != target.booking_id:
        return False
    if link.state == "valid":
        return link.action in _WHOLE or part in _OPENS[link.action]
    return link.state == "used" and part in _USED_OPENS.get(link.action, ())


def _shown(text: str, target: database.Row) -> str:
    """Something of the couple that stands on a page, or nothing."""
    return next((each for each in target.secrets if each and len(each) >= _SHORTEST and each in text), "")


def _addresses(app: Any, target: database.Row) -> Iterator[tuple[str, str]]:  # noqa: ANN401
    """The pages of a booking for couples, each with the last part of its address."""
    values = {"reference": target.reference, "slug": target.slug}
    if target.document:
        values["number"] = target.document
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        is_couples = rule.rule.startswith(("/manage/", "/t/")) and "reference" in rule.arguments
        if is_couples and "GET" in rule.methods and rule.arguments <= values.keys():
            address = str(adapter.build(rule.endpoint, {name: values[name] for name in rule.arguments}))
            is_home = address.endswith(target.reference)
            yield address, "" if is_home else address.rsplit("/", 1)[-1]
