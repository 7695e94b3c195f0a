"""Idempotency keys as Stripe documents them (https://docs.stripe.com/api/idempotent_requests).

One key of one account names one request for 24 hours: the same request again gets the stored answer, whatever
it was; another request is refused; the same while the first still runs is a conflict.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portal.devtools.stripe_emulator.api.errors import ApiError, idempotency_conflict
from portal.devtools.stripe_emulator.clock import Clock
from portal.devtools.stripe_emulator.store import Doc, Store

_LIFETIME = 24 * 60 * 60
_LONGEST_KEY = 255


@dataclass(frozen=True)
class Answer:
    """What was or will be sent back."""

    status: int
    body: Doc
    is_replay: bool = False
    original_request: str = ""


@dataclass(frozen=True)
class Claim:
    """The right to execute the request that this key names."""

    account: str
    key: str
    endpoint: str
    digest: str


def claim_for(account: str, key: str, endpoint: str, params: Doc) -> Claim:
    """The claim of a request with these raw parameters."""
    if len(key) > _LONGEST_KEY:
        raise ApiError(
            f"Idempotency keys may be up to {_LONGEST_KEY} characters long.",
            error_type="idempotency_error",
            is_kept=False,
        )
    digest = hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
    return Claim(account, key, endpoint, digest)


class Idempotency:
    """Stored answers, and the keys whose first request still runs."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._running: set[tuple[str, str]] = set()

    @contextmanager
    def hold(self, claim: Claim) -> Iterator[Answer | None]:
        """Yield the stored answer, or nothing and the right to execute until the block ends."""
        name = (claim.account, claim.key)
        with self._store.lock:
            stored = self._stored(claim)
            if stored is None:
                if name in self._running:
                    raise idempotency_conflict(claim.key)
                self._running.add(name)
        if stored is not None:
            yield stored
            return
        try:
            yield None
        finally:
            with self._store.lock:
                self._running.discard(name)

    def keep(self, claim: Claim, answer: Answer) -> None:
        """Remember the answer."""
        self._store.execute(
            "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?, ?, ?)",
            claim.account,
            claim.key,
            claim.endpoint,
            claim.digest,
            answer.status,
            json.dumps({"body": answer.body, "request": answer.original_request}),
            self._clock.now(),
        )

    def _stored(self, claim: Claim) -> Answer | None:
        self._store.execute("DELETE FROM idempotency WHERE created <= ?", self._clock.now() - _LIFETIME)
        rows = self._store.execute("SELECT * FROM idempotency WHERE account = ? AND key = ?", claim.account, claim.key)
        if not rows:
            return None
        row = rows[0]
        for name, first, now in (("endpoint", row["endpoint"], claim.endpoint), ("", row["digest"], claim.digest)):
            if first != now:
                what = f"for the same endpoint they were first used for ('{first}' vs '{now}')"
                raise ApiError(
                    "Keys for idempotent requests can only be used "
                    f"{what if name else 'with the same parameters they were first used with'}. Try using a key other "
                    f"than '{claim.key}' if you meant to execute a different request.",
                    error_type="idempotency_error",
                    is_kept=False,
                )
        stored = json.loads(row["answer"])
        return Answer(row["status"], stored["body"], is_replay=True, original_request=stored["request"])
