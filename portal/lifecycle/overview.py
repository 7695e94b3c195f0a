"""Everything there is to tell about one booking's price and money, in one statement.

For the couple's page and for mails, which would otherwise ask six times. Plain values, nothing here writes or decides.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.bookings.queries import LineView, TimelineEntry
from portal.bookings.states import Actor, BookingStatus
from portal.db.prepared import Prepared
from portal.payments.left import LEFT_OF_PAYMENT
from portal.payments.states import CheckoutStatus, RefundReason, RefundStatus, StageStatus, StageType


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the price and when it is due."""

    id: UUID
    type: StageType
    amount_cents: int
    due_on: date
    status: StageStatus

    @property
    def is_open(self) -> bool:
        """Whether it still has to be paid."""
        return self.status in {StageStatus.PENDING, StageStatus.FAILED}


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that arrived; ``left_cents`` of it neither went back nor was taken by a dispute."""

    id: UUID
    amount_cents: int
    card_brand: str
    card_last4: str
    captured_at: datetime
    left_cents: int


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back, or should."""

    id: UUID
    payment_id: UUID
    amount_cents: int
    status: RefundStatus
    reason: RefundReason
    failure: str
    note: str
    retry_of_id: UUID | None
    requested_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingMove:
    """A move that is confirmed and waits for its money: to which date, until when, for how much."""

    quote_id: UUID
    actor: Actor
    event_on: date
    until: datetime
    amount_cents: int
    is_on_its_way: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """A booking's lines, stages, payments, refunds and timeline, each in its order, and its ledger's sums.

    ``attempts`` are the states of its checkouts, the newest first. What a move that waits asks for is no stage yet.
    """

    lines: list[LineView]
    stages: list[Stage]
    payments: list[Payment]
    refunds: list[Refund]
    timeline: list[TimelineEntry]
    attempts: list[CheckoutStatus]
    received_cents: int
    returned_cents: int
    move: WaitingMove | None = None

    @property
    def standing_refunds(self) -> list[Refund]:
        """The refunds in their order, without those that failed and were asked for again."""
        retried = {refund.retry_of_id for refund in self.refunds}
        return [refund for refund in self.refunds if refund.id not in retried]

    @property
    def is_money_on_its_way(self) -> bool:
        """Whether a way of paying that takes days is being worked on."""
        return CheckoutStatus.PROCESSING in self.attempts

    @property
    def open_stages(self) -> list[Stage]:
        """What is still to be paid, soonest first."""
        return sorted((stage for stage in self.stages if stage.is_open), key=lambda stage: stage.due_on)

    @property
    def open_cents(self) -> int:
        """What is still to be paid, in all."""
        return sum(stage.amount_cents for stage in self.open_stages)


def _rows(columns: str, table: str, order: str, condition: str = "") -> str:
    return (
        f"(SELECT coalesce(json_agg(json_build_array({columns}) ORDER BY {order}), '[]')"
        f" FROM {table} WHERE tenant_id = $1 AND booking_id = $2{condition}) AS {table}"
    )


# A booking goes through one change at a time.
_MOVE = (
    "(SELECT json_build_array(q.id, q.actor, q.result->'event_on'->>1, q.expires_at,"
    " (q.result->>'due_now_cents')::bigint,"
    " EXISTS (SELECT 1 FROM checkout c WHERE c.tenant_id = q.tenant_id AND c.booking_id = q.booking_id"
    "  AND c.purpose = 'move' AND c.status = 'processing')) FROM change_quote q"
    " WHERE q.tenant_id = $1 AND q.booking_id = $2 AND q.kind = 'move' AND q.status = 'confirmed') AS move"
)


_PARTS = (
    _rows(
        "add_on_id, description, quantity, unit_cents, net_cents, tax_rate_bp::text, tax_cents, gross_cents",
        "booking_line",
        "position",
    ),
    _rows("id, type, amount_cents, due_on, status", "booking_payment_stage", "stage_number", " AND quote_id IS NULL"),
    _rows(f"id, amount_cents, card_brand, card_last4, captured_at, {LEFT_OF_PAYMENT}", "payment", "captured_at, id"),
    _rows(
        "id, payment_id, amount_cents, status, reason, failure, note, retry_of_id, requested_at, changed_at",
        "refund_request",
        "requested_at, id",
    ),
    _rows("status", "checkout", "attempt DESC"),
    _rows("occurred_at, kind, actor, actor_user_id, from_status, to_status, details", "booking_event", "sequence"),
    (
        "(SELECT coalesce(json_object_agg(kind, cents), '{}') FROM (SELECT kind, sum(amount_cents) AS cents"
        " FROM ledger_entry WHERE tenant_id = $1 AND booking_id = $2 GROUP BY kind) AS sums) AS ledger"
    ),
    _MOVE,
)
_STATEMENT = Prepared("SELECT " + ", ".join(_PARTS), "uuid", "uuid")


def overview(tenant_id: UUID, booking_id: UUID) -> Overview:
    """The overview of a booking that the caller has found already."""
    row = _STATEMENT.row(tenant_id, booking_id)
    assert row is not None  # noqa: S101  a SELECT without FROM has one row
    return Overview(
        lines=[_line(values) for values in row.booking_line],
        stages=[_stage(*values) for values in row.booking_payment_stage],
        payments=[_payment(*values) for values in row.payment],
        refunds=[_refund(values) for values in row.refund_request],
        timeline=[_entry(values) for values in row.booking_event],
        attempts=[CheckoutStatus(status) for (status,) in row.checkout],
        received_cents=row.ledger.get("capture", 0) + row.ledger.get("manual", 0),
        returned_cents=-row.ledger.get("refund", 0) - row.ledger.get("refund_failed", 0),
        move=row.move and _move(row.move),
    )


def _line(values: list[Any]) -> LineView:
    add_on_id, description, quantity, unit, net, rate, tax, gross = values
    return LineView(add_on_id and UUID(add_on_id), description, quantity, unit, net, Decimal(rate), tax, gross)


def _stage(key: str, kind: str, cents: int, due_on: str, status: str) -> Stage:
    return Stage(UUID(key), StageType(kind), cents, date.fromisoformat(due_on), StageStatus(status))


def _payment(key: str, cents: int, brand: str, last4: str, at: str, left: int) -> Payment:  # noqa: PLR0917  a row
    return Payment(UUID(key), cents, brand, last4, datetime.fromisoformat(at), left)


def _move(values: list[Any]) -> WaitingMove:
    key, actor, event_on, until, cents, on_its_way = values
    return WaitingMove(
        UUID(key), Actor(actor), date.fromisoformat(event_on), datetime.fromisoformat(until), cents, on_its_way
    )


def _refund(values: list[Any]) -> Refund:
    key, payment, cents, status, reason, failure, note, retry_of, requested, changed = values
    return Refund(
        id=UUID(key),
        payment_id=UUID(payment),
        amount_cents=cents,
        status=RefundStatus(status),
        reason=RefundReason(reason),
        failure=failure,
        note=note,
        retry_of_id=retry_of and UUID(retry_of),
        requested_at=datetime.fromisoformat(requested),
        changed_at=datetime.fromisoformat(changed),
    )


def _entry(values: list[Any]) -> TimelineEntry:
    at, kind, actor, user, before, after, details = values
    return TimelineEntry(
        occurred_at=datetime.fromisoformat(at),
        kind=kind,
        actor=Actor(actor),
        actor_user_id=user and UUID(user),
        from_status=before and BookingStatus(before),
        to_status=after and BookingStatus(after),
        details=details,
    )
