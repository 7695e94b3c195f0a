"""Writing ``message_wording``: words are checked, tried, saved, and given up for the original ones.

A try belongs to one person and is seen by nobody else; it ends when it is saved or left.
"""

from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.messages.wording import fields
from portal.messages.wording.cases import Case
from portal.messages.wording.store import Wording


def checked(case: Case, subject: str, body: str) -> Wording:
    """Words that may be kept. Raises Invalid with what is wrong at each field."""
    faults: dict[str, PortalError | str] = {}
    done = {}
    for name, text, check in (("subject", subject, fields.checked_subject), ("body", body, fields.checked_body)):
        try:
            done[name] = check(text, case.fields)
        except Invalid as error:
            faults[name] = error
    if faults:
        raise Invalid(N_("Please look again at what is marked."), faults)
    return Wording(done["subject"], done["body"])


def save(tenant_id: UUID, key: str, words: Wording, *, user_id: UUID, at: datetime) -> None:
    """Couples get these words from now on."""
    with database.writing(tenant_id):
        _write(tenant_id, key, words, draft_of=None, user_id=user_id, at=at)
        leave(tenant_id, key, user_id=user_id)


def keep_draft(tenant_id: UUID, key: str, words: Wording, *, user_id: UUID, at: datetime) -> None:
    """Keep a person's try, in the place of the one before."""
    with database.writing(tenant_id):
        _write(tenant_id, key, words, draft_of=user_id, user_id=user_id, at=at)


def leave(tenant_id: UUID, key: str, *, user_id: UUID) -> None:
    """Forget a person's try."""
    with database.writing(tenant_id):
        database.execute(
            "DELETE FROM message_wording WHERE tenant_id = %s AND kind = %s AND draft_of = %s", tenant_id, key, user_id
        )


def reset(tenant_id: UUID, key: str, *, user_id: UUID) -> None:
    """Couples get our own words again."""
    with database.writing(tenant_id):
        leave(tenant_id, key, user_id=user_id)
        database.execute(
            "DELETE FROM message_wording WHERE tenant_id = %s AND kind = %s AND draft_of IS NULL", tenant_id, key
        )


def _write(
    tenant_id: UUID, key: str, words: Wording, *, draft_of: UUID | None, user_id: UUID, at: datetime
) -> None:  # fmt: skip
    database.execute(
        "INSERT INTO message_wording (id, tenant_id, kind, draft_of, subject, body, changed_by, changed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT ON CONSTRAINT message_wording_once"
        " DO UPDATE SET subject = excluded.subject, body = excluded.body, changed_by = excluded.changed_by,"
        " changed_at = excluded.changed_at",
        uuid7(),
        tenant_id,
        key,
        draft_of,
        words.subject,
        words.body,
        user_id,
        at,
    )
