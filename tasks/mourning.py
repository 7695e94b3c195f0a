"""What becomes of an effect that is dead: it is said where a person will see it.

Most kinds need nothing here: the effect itself is listed, and can be tried once more.
"""

from collections.abc import Callable
from uuid import UUID

from portal.calendars import trouble
from portal.invoices import exports
from portal.kernel import time
from portal.lifecycle import hints
from portal.messages import document_plans, heard, service
from portal.payments import refunds
from tasks.claims import Effect

# fmt: off
_TOLD: dict[str, Callable[[Effect, str], object]] = {
    "message.send": lambda e, why: service.record_failed(e.tenant, e.subject_id, failure=why),
    "mail.heard": lambda e, why: heard.bury(e.subject_id, at=time.now(), failure=why),
    "webhook.handle": lambda e, why: hints.bury(e.subject_id, at=time.now(), failure=why),
    "refund.execute": lambda e, _: refunds.ask_for_help(e.tenant, e.subject_id, at=time.now()),
    "invoice.render": lambda e, _: document_plans.issued(e.tenant, e.subject_id, at=time.now(), is_waiting=False),
    "invoice.export": lambda e, _: exports.give_up(e.tenant, e.subject_id, at=time.now()),
    "calendar.sync": lambda e, _: trouble.give_up(e.tenant, UUID(e.payload["connection_id"]), at=time.now()),
    "calendar.compare": lambda e, _: trouble.give_up(e.tenant, e.subject_id, at=time.now()),
    "calendar.clear": lambda e, _: trouble.give_up(e.tenant, e.subject_id, at=time.now()),
}
# fmt: on


def mourn(effect: Effect, failure: str) -> None:
    """Say that an effect is dead."""
    if tell := _TOLD.get(effect.kind):
        tell(effect, failure)
