"""One API call from its raw parameters to its answer: access, idempotency, faults, checks, work.

The order is Stripe's: what is refused before the endpoint works is not kept under the idempotency key, what
happens afterwards is, failures included.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.access import check_account, check_key
from portal.devtools.stripe_emulator.api.errors import SERVER_ERROR, ApiError, injected
from portal.devtools.stripe_emulator.api.idempotency import Answer, Claim, claim_for
from portal.devtools.stripe_emulator.api.present import present
from portal.devtools.stripe_emulator.engine.expiring import expire_due_sessions
from portal.devtools.stripe_emulator.faults import Fault, FaultKind
from portal.devtools.stripe_emulator.scope import Call

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.api.recorder import RecordedRequest
    from portal.devtools.stripe_emulator.api.routes import Routes
    from portal.devtools.stripe_emulator.world import World


class AnswerDropped(Exception):
    """The work is done; the client shall not hear of it."""


@dataclass
class Handling:
    """What is needed to answer one request."""

    world: World
    routes: Routes
    request: RecordedRequest

    def answer(self) -> Answer:
        """Do what the request asks, faults included."""
        fault = self.world.faults.take(self.request.method, self.request.path)
        try:
            answer = self._answer(fault)
        except ApiError as error:
            answer = self._failure(error)
        if fault is not None and fault.kind is FaultKind.HANG and fault.is_after_work:
            self._wait(fault.seconds)
        self.request.status = answer.status
        self.request.is_replay = answer.is_replay
        if fault is not None and fault.kind is FaultKind.DROP_ANSWER:
            raise AnswerDropped
        return answer

    def _answer(self, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind is FaultKind.ERROR and fault.status < SERVER_ERROR:
            raise injected(fault.status)
        key = check_key(self.request.headers)
        account = check_account(self.world, self.request.headers, key)
        claim = self._claim(account)
        with self.world.idempotency.hold(claim) if claim else nullcontext() as stored:
            if stored is not None:
                return stored
            return self._execute(claim, account, fault)

    def _claim(self, account: str) -> Claim | None:
        if self.request.method != "POST" or not self.request.idempotency_key:
            return None
        return claim_for(account, self.request.idempotency_key, self.request.path, self.request.params)

    def _execute(self, claim: Claim | None, account: str, fault: Fault | None) -> Answer:
        if fault is not None and fault.kind is FaultKind.HANG and not fault.is_after_work:
            self._wait(fault.seconds)
        broken = injected(fault.status) if fault is not None and fault.kind is FaultKind.ERROR else None
        with self.world.store.transaction():
            error = broken
            if broken is None or (fault is not None and fault.is_after_work):
                try:
                    with self.world.store.transaction():
                        answer = self._work(account)
                except ApiError as raised:
                    error = broken or raised
            if error is not None:
                answer = self._failure(error)
            if claim is not None and (error is None or error.is_kept):
                self.world.idempotency.keep(claim, answer)
            return answer

    def _wait(self, seconds: float) -> None:
        if self.world.stopping.wait(seconds):
            raise AnswerDropped

    def _work(self, account: str) -> Answer:
        expire_due_sessions(self.world)
        route, object_id = self.routes.find(self.request.method, self.request.path)
        params = route.schema(self.request.params, "")
        call = Call(
            self.world,
            account,
            self.request.request_id,
            self.request.idempotency_key or None,
            params=params,
            object_id=object_id,
        )
        doc = route.handler(call)
        body = doc if route.is_expanded_by_handler else present(call, doc, params.get("expand", []))
        return Answer(200, body, original_request=self.request.request_id)

    def _failure(self, error: ApiError) -> Answer:
        request_id = self.request.request_id
        log_url = f"https://dashboard.stripe.com/test/logs/{request_id}"
        return Answer(error.status, {"error": error.error | {"request_log_url": log_url}}, original_request=request_id)
