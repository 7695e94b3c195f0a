"""What we ask of a payment provider, in our own words; ``stripe_gateway`` speaks to Stripe.

Errors say what is known afterwards, because that decides what may be done next: nothing happened (Refused,
TooNear, Throttled, NotThere, NotOpen), or nobody knows (UnknownOutcome). Never called inside a transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class GatewayError(Exception):
    """Something went wrong at the provider; subclasses say what is known. ``code`` is short and for logs."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class Refused(GatewayError):
    """The provider said no for good: the same request will never work, and nothing happened."""


class TooNear(Refused):
    """The session was to end sooner than the provider allows; nothing happened."""


class NotOpen(Refused):
    """The session is complete or expired, so it cannot be expired."""


class SpentKey(Refused):
    """The idempotency key only repeats an error of the provider's own; what it made, if anything, nobody knows."""


class NotThere(GatewayError):
    """The provider knows no such object, or not yet."""


class NotAllowed(GatewayError):
    """Our key may not do this, or the account has withdrawn its trust: nothing happened, a person must act."""


class Throttled(GatewayError):
    """Too many requests, or the same key is being worked on: nothing happened now, try again later."""


class UnknownOutcome(GatewayError):
    """A timeout, a lost connection or an error of the provider's own: it may have happened."""


@dataclass(frozen=True, slots=True)
class Intent:
    """The money side of a session. ``charge_id`` and the card are known once it was captured."""

    id: str
    status: str
    amount_received: int
    currency: str
    is_live: bool
    charge_id: str | None = None
    card_brand: str = ""
    card_last4: str = ""
    fee_id: str | None = None
    fee_cents: int = 0
    captured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A Checkout Session as the provider has it now."""

    id: str
    status: str  # open | complete | expired
    payment_status: str  # paid | unpaid | no_payment_required
    amount_total: int
    currency: str
    is_live: bool
    url: str
    expires_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    intent: Intent | None = None


@dataclass(frozen=True, slots=True)
class ProviderRefund:
    """A refund as the provider has it now."""

    id: str
    status: str  # pending | requires_action | succeeded | failed | canceled
    amount_cents: int
    currency: str
    intent_id: str
    created_at: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ProviderDispute:
    """A payment that the couple's bank took back, or wants to."""

    id: str
    status: str  # … needs_response | under_review | won | lost
    currency: str
    withdrawn_cents: int  # what is gone from the account right now because of it
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a hint: which object changed, and which of our rows its snapshot names."""

    id: str
    type: str
    account: str
    is_live: bool
    created_at: datetime
    object_type: str
    object_id: str
    named: Mapping[str, str] = field(default_factory=dict)


class Gateway(Protocol):
    """Every call names the account it is about; None is the platform's own."""

    @property
    def is_live(self) -> bool:
        """Whether our key moves real money."""

    def create_session(self, parameters: Mapping[str, object], *, key: str, account: str | None) -> Session:
        """Open a Checkout Session, at most 8 seconds, one try."""

    def fetch_session(self, session_id: str, *, account: str | None) -> Session:
        """A session with its money side."""

    def session_of_intent(self, intent_id: str, *, account: str | None) -> Session | None:
        """The session that an intent was paid through, if there was one."""

    def expire_session(self, session_id: str, *, account: str | None) -> None:
        """End an open session. Raises NotOpen when it is complete or ended already."""

    def create_refund(
        self, *, intent_id: str, amount_cents: int, key: str, account: str | None, metadata: Mapping[str, str],
        gives_fee_back: bool,
    ) -> ProviderRefund:  # fmt: skip
        """Give money back, one try."""

    def refunds_of(self, intent_id: str, *, account: str | None) -> Sequence[ProviderRefund]:
        """Every refund of an intent, whoever made it."""

    def fetch_intent(self, intent_id: str, *, account: str | None) -> Intent:
        """An intent with its captured charge."""

    def intent_of_charge(self, charge_id: str, *, account: str | None) -> str:
        """The intent a charge belongs to, or an empty text."""

    def intent_of_refund(self, refund_id: str, *, account: str | None) -> str:
        """The intent a refund belongs to, or an empty text."""

    def disputes_of(self, intent_id: str, *, account: str | None) -> Sequence[ProviderDispute]:
        """Every dispute about an intent."""

    def intent_of_dispute(self, dispute_id: str, *, account: str | None) -> str:
        """The intent a dispute is about, or an empty text."""

    def events(
        self, *, account: str | None, types: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> Sequence[Event]:
        """Events of a stretch of time, newest first, at most ``limit``."""


_current: list[Gateway] = []


def install(gateway: Gateway) -> None:
    """Make this the provider of the process."""
    _current[:] = [gateway]


def current() -> Gateway:
    """The provider of the process."""
    if not _current:
        msg = "no payment gateway was installed: create_app() or connect() does it"
        raise RuntimeError(msg)
    return _current[0]
