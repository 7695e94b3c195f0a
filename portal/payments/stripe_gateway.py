"""Stripe behind our own words: the only module that knows its SDK, which is imported at the first call.

One client serves all threads. It never repeats a call by itself: whoever calls knows whether it may be repeated and
with which key. No answer within 8 seconds is an unknown outcome.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from portal.payments import stripe_shapes
from portal.payments.gateway import (
    Event,
    GatewayError,
    Intent,
    NotAllowed,
    NotOpen,
    NotThere,
    ProviderDispute,
    ProviderRefund,
    Refused,
    Session,
    SpentKey,
    Throttled,
    TooNear,
    UnknownOutcome,
)

if TYPE_CHECKING:
    from stripe import RequestOptions, StripeClient, StripeError, StripeObject

    from portal.settings import Settings

# To connect and to wait for the answer; together at most the 8 seconds that a person waits.
_TIMEOUT = (2.0, 6.0)
_EXPAND_SESSION = ["payment_intent.latest_charge"]
_PAGE = 100
_BAD_REQUEST, _SERVER_ERROR = 400, 500
_BY_STATUS: dict[int, type[GatewayError]] = {
    401: NotAllowed,
    403: NotAllowed,
    404: NotThere,
    409: Throttled,
    429: Throttled,
}


def from_settings(settings: Settings) -> StripeGateway:
    """The gateway of an installation."""
    return StripeGateway(settings.stripe_secret_key, settings.stripe_api_base)


class StripeGateway:
    """Calls Stripe, on the account that each call names."""

    def __init__(self, secret_key: str, api_base: str = "") -> None:
        self._secret_key = secret_key
        self._api_base = api_base
        self._made: StripeClient | None = None
        self._lock = Lock()

    @property
    def is_live(self) -> bool:
        """Whether our key moves real money."""
        return self._secret_key.startswith(("sk_live_", "rk_live_"))

    def create_session(self, parameters: Mapping[str, object], *, key: str, account: str | None) -> Session:
        """Open a Checkout Session, one try."""
        params: Any = parameters
        with _told():
            made = self._client.v1.checkout.sessions.create(params, _on(account, key))
        return stripe_shapes.session(_plain(made))

    def fetch_session(self, session_id: str, *, account: str | None) -> Session:
        """A session with its money side."""
        with _told():
            found = self._client.v1.checkout.sessions.retrieve(session_id, {"expand": _EXPAND_SESSION}, _on(account))
        return stripe_shapes.session(_plain(found))

    def session_of_intent(self, intent_id: str, *, account: str | None) -> Session | None:
        """The session that an intent was paid through, if there was one."""
        with _told():
            found = self._client.v1.checkout.sessions.list({"payment_intent": intent_id, "limit": 1}, _on(account))
        return self.fetch_session(found.data[0].id, account=account) if found.data else None

    def expire_session(self, session_id: str, *, account: str | None) -> None:
        """End an open session. Raises NotOpen when it is complete or ended already."""
        try:
            with _told():
                self._client.v1.checkout.sessions.expire(session_id, {}, _on(account))
        except Refused as error:
            raise NotOpen("not_open", str(error)) from error

    def create_refund(
        self, *, intent_id: str, amount_cents: int, key: str, account: str | None, metadata: Mapping[str, str],
        gives_fee_back: bool,
    ) -> ProviderRefund:  # fmt: skip
        """Give money back, one try."""
        params: Any = {"payment_intent": intent_id, "amount": amount_cents, "metadata": dict(metadata)}
        if gives_fee_back:
            params["refund_application_fee"] = True
        with _told():
            made = self._client.v1.refunds.create(params, _on(account, key))
        return stripe_shapes.refund(_plain(made))

    def refunds_of(self, intent_id: str, *, account: str | None) -> Sequence[ProviderRefund]:
        """Every refund of an intent, whoever made it."""
        with _told():
            found = self._client.v1.refunds.list({"payment_intent": intent_id, "limit": _PAGE}, _on(account))
            return [stripe_shapes.refund(_plain(each)) for each in found.auto_paging_iter()]

    def fetch_intent(self, intent_id: str, *, account: str | None) -> Intent:
        """An intent with its captured charge."""
        with _told():
            found = self._client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]}, _on(account))
        return stripe_shapes.intent(_plain(found))

    def disputes_of(self, intent_id: str, *, account: str | None) -> Sequence[ProviderDispute]:
        """Every dispute about an intent."""
        with _told():
            found = self._client.v1.disputes.list({"payment_intent": intent_id, "limit": _PAGE}, _on(account))
            return [stripe_shapes.dispute(_plain(each)) for each in found.auto_paging_iter()]

    def intent_of_charge(self, charge_id: str, *, account: str | None) -> str:
        """The intent a charge belongs to, or an empty text."""
        with _told():
            found = self._client.v1.charges.retrieve(charge_id, {}, _on(account))
        return stripe_shapes.id_of(_plain(found).get("payment_intent"))

    def intent_of_refund(self, refund_id: str, *, account: str | None) -> str:
        """The intent a refund belongs to, or an empty text."""
        with _told():
            found = self._client.v1.refunds.retrieve(refund_id, {}, _on(account))
        return stripe_shapes.id_of(_plain(found).get("payment_intent"))

    def intent_of_dispute(self, dispute_id: str, *, account: str | None) -> str:
        """The intent a dispute is about, or an empty text."""
        with _told():
            found = self._client.v1.disputes.retrieve(dispute_id, {}, _on(account))
        return stripe_shapes.id_of(_plain(found).get("payment_intent"))

    def events(
        self, *, account: str | None, types: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> Sequence[Event]:
        """Events of a stretch of time, newest first, at most ``limit``."""
        span = {"gte": int(since.timestamp()), "lt": int(until.timestamp())}
        params: Any = {"types": list(types), "created": span, "limit": _PAGE}
        found: list[Event] = []
        with _told():
            for each in self._client.v1.events.list(params, _on(account)).auto_paging_iter():
                found.append(stripe_shapes.event({"account": account, **_plain(each)}))
                if len(found) >= limit:
                    break
        return found

    @property
    def _client(self) -> StripeClient:
        with self._lock:
            if self._made is None:
                self._made = _make_client(self._secret_key, self._api_base)
            return self._made


def _make_client(secret_key: str, api_base: str) -> StripeClient:
    import stripe  # noqa: PLC0415  0.2 s and 15 MB that a process which never pays can do without

    logging.getLogger("stripe").setLevel(logging.WARNING)  # it would tell of every call, with the object's id
    # It would keep an id of the machine in the home directory; a container's user may have none, and the call fails.
    stripe.enable_telemetry = False
    http = stripe.RequestsClient(timeout=_TIMEOUT)
    if not api_base:
        return stripe.StripeClient(secret_key, http_client=http, max_network_retries=0)
    return stripe.StripeClient(secret_key, http_client=http, max_network_retries=0, base_addresses={"api": api_base})


def _on(account: str | None, key: str | None = None) -> RequestOptions:
    options: RequestOptions = {"max_network_retries": 0}
    if account:
        options["stripe_account"] = account
    if key:
        options["idempotency_key"] = key
    return options


def _plain(found: StripeObject) -> dict[str, Any]:
    return found.to_dict()


@contextmanager
def _told() -> Iterator[None]:
    """Say what the SDK raises in our own words."""
    import stripe  # noqa: PLC0415  as above

    try:
        yield
    except stripe.StripeError as error:
        raise _translate(error) from error


def _translate(error: StripeError) -> Exception:
    import stripe  # noqa: PLC0415  as above

    code = error.code or (error.error.type if error.error is not None else None) or type(error).__name__
    detail = error.user_message or ""
    status = error.http_status
    if isinstance(error, stripe.APIConnectionError) or status is None:
        return UnknownOutcome("no_answer", detail)
    if not _BAD_REQUEST <= status < _SERVER_ERROR:  # half an answer is none
        is_replay = (error.headers or {}).get("idempotent-replayed", "").lower() == "true"
        return SpentKey("spent_key", detail) if is_replay else UnknownOutcome(f"status_{status}", detail)
    if getattr(error, "param", None) == "expires_at":
        return TooNear("too_near", detail)
    return _BY_STATUS.get(status, Refused)(code, detail)
