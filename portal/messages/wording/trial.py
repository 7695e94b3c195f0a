"""The email in somebody's words, sent to themselves: what they have not saved yet, or what couples get.

It is owed like every mail. It is no message: no couple gets it, and no log has it.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.db import database, outbox
from portal.identity import accounts
from portal.kernel import failpoints
from portal.kernel.errors import NotFound
from portal.kernel.text import N_
from portal.messages import delivery
from portal.messages.delivery import RefusedError
from portal.messages.mail import one_line
from portal.messages.wording import rehearsal, store
from portal.messages.wording.cases import CASES
from portal.tenants import queries as tenants
from portal.tenants.language import language

_SUBJECT = N_("Test: %(subject)s")


def ask(tenant_id: UUID, key: str, *, user_id: UUID, reference: str) -> None:
    """Owe a test to the person who asks; without a reference it is about an invented couple."""
    with database.writing(tenant_id):
        outbox.owe("wording.test", user_id, payload={"kind": key, "reference": reference})


def send(
    tenant_id: UUID, user_id: UUID, key: str, reference: str, *, effect_id: UUID, at: datetime, is_first_attempt: bool
) -> None:  # fmt: skip
    """Send it, if that person still works there and the booking is still there. Raises to try later."""
    channel, to = delivery.current(), accounts.address_of_member(tenant_id, user_id)
    if to is None or (not is_first_attempt and channel.find(effect_id)):
        return
    with database.reading(tenant_id):
        tenant, kept = tenants.get(tenant_id), store.kept(tenant_id, key, user_id)
        try:
            mail = rehearsal.rehearse(tenant, CASES[key], reference, kept.draft or kept.used, to=to, at=at)
        except NotFound:
            return
    subject = language(tenant.locale, tenant.timezone).gettext(_SUBJECT, subject=mail.subject)
    mail = replace(mail, id=effect_id, subject=one_line(subject), tells_of_opening=False)
    failpoints.reach("message.before_send")
    try:
        channel.send(mail)
    except RefusedError:
        return  # they see that nothing comes; there is no couple to be told of
    failpoints.reach("message.after_send")
