"""States of stages, checkouts, refund requests and webhook events, and the ways between them (design.md, section 5)."""

from enum import StrEnum


class StageType(StrEnum):
    """What a stage is of the price."""

    FULL = "FULL"
    DEPOSIT = "DEPOSIT"
    REMAINDER = "REMAINDER"
    INSTALLMENT = "INSTALLMENT"
    FEE = "FEE"


class StageStatus(StrEnum):
    """Where a stage stands."""

    PENDING = "PENDING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"
    VOID = "VOID"


class CheckoutStatus(StrEnum):
    """Where an attempt to pay stands. ``creating`` is also an attempt whose outcome is unknown."""

    CREATING = "creating"
    OPEN = "open"
    PAID = "paid"
    PROCESSING = "processing"
    EXPIRED = "expired"
    FAILED = "failed"


class RefundStatus(StrEnum):
    """Where money that goes back stands."""

    PENDING = "PENDING"
    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class RefundReason(StrEnum):
    """Why money goes back."""

    DATE_TAKEN = "date_taken"
    NOT_OWED = "not_owed"
    DUPLICATE = "duplicate"
    MISMATCH = "mismatch"
    EXTERNAL = "external"
    OWNER = "owner"
    CANCELLATION = "cancellation"
    CHANGE = "change"
    REBOOKED = "rebooked"


class LedgerKind(StrEnum):
    """What a row of the ledger stands for; its sign is from the booking's point of view."""

    CAPTURE = "capture"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    FEE = "fee"
    FEE_REFUND = "fee_refund"
    DISPUTE = "dispute"
    DISPUTE_WON = "dispute_won"
    MANUAL = "manual"


class EventStatus(StrEnum):
    """How far a webhook event was handled."""

    PENDING = "pending"
    PROCESSED = "processed"
    IGNORED = "ignored"
    FAILED = "failed"
    DEAD = "dead"


STAGE_TRANSITIONS: dict[StageStatus, frozenset[StageStatus]] = {
    StageStatus.PENDING: frozenset({StageStatus.COMPLETED, StageStatus.FAILED, StageStatus.VOID}),
    StageStatus.FAILED: frozenset({StageStatus.PENDING, StageStatus.VOID}),
    StageStatus.COMPLETED: frozenset({StageStatus.REFUNDED}),
    StageStatus.REFUNDED: frozenset(),
    StageStatus.VOID: frozenset(),
}

# Stripe's answers can come in any order, so an attempt may skip ``open``; nothing leaves ``paid``.
CHECKOUT_TRANSITIONS: dict[CheckoutStatus, frozenset[CheckoutStatus]] = {
    CheckoutStatus.CREATING: frozenset(set(CheckoutStatus) - {CheckoutStatus.CREATING}),
    CheckoutStatus.OPEN: frozenset(set(CheckoutStatus) - {CheckoutStatus.CREATING, CheckoutStatus.OPEN}),
    CheckoutStatus.PROCESSING: frozenset({CheckoutStatus.PAID, CheckoutStatus.FAILED}),
    # A session that we took for dead (its answer was lost for good) and that was paid all the same.
    CheckoutStatus.FAILED: frozenset({CheckoutStatus.PAID, CheckoutStatus.PROCESSING}),
    CheckoutStatus.EXPIRED: frozenset({CheckoutStatus.PAID, CheckoutStatus.PROCESSING}),
    CheckoutStatus.PAID: frozenset(),
}

REFUND_TRANSITIONS: dict[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.PENDING: frozenset({RefundStatus.PROCESSING}),
    RefundStatus.PROCESSING: frozenset({RefundStatus.COMPLETED, RefundStatus.FAILED}),
    RefundStatus.COMPLETED: frozenset({RefundStatus.FAILED}),
    RefundStatus.FAILED: frozenset(),
}

# A checkout that may still bring money.
LIVE_CHECKOUTS = frozenset({CheckoutStatus.CREATING, CheckoutStatus.OPEN, CheckoutStatus.PROCESSING})


def may_come_from(target: CheckoutStatus) -> list[str]:
    """The states from which a checkout may reach ``target``, for a conditional UPDATE."""
    return [before.value for before, after in CHECKOUT_TRANSITIONS.items() if target in after]
