"""Rows of ``message_wording``: the words that couples get, and the tries of those who write them.

A try belongs to one person and is seen by nobody else; it ends when it is saved or left.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.messages.states import MessageKind
from portal.messages.wording import fields
from portal.messages.wording.cases import EDITABLE, Case, keys_of


@dataclass(frozen=True, slots=True)
class Wording:
    """A subject and the text that a mail begins with, their fields not filled in."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of one case: the words in use, since when, and the asking person's try; each may be missing."""

    used: Wording | None
    changed_at: datetime | None
    draft: Wording | None


def of_kind(tenant_id: UUID, kind: MessageKind) -> dict[str, Wording]:
    """The words of a business for the cases of a kind; within the caller's ``reading()``."""
    if kind not in EDITABLE:
        return {}
    found = database.rows(
        "SELECT kind, subject, body FROM message_wording WHERE tenant_id = %s AND kind = ANY (%s) AND draft_of IS NULL",
        tenant_id,
        keys_of(kind),
    )
    return {row.kind: Wording(row.subject, row.body) for row in found}


def all_kept(tenant_id: UUID, user_id: UUID) -> dict[str, Kept]:
    """What is kept of every case, for one person."""
    found = database.rows(
        "SELECT kind, draft_of, subject, body, changed_at FROM message_wording"
        " WHERE tenant_id = %s AND (draft_of IS NULL OR draft_of = %s)",
        tenant_id,
        user_id,
    )
    used = {row.kind: row for row in found if row.draft_of is None}
    tries = {row.kind: Wording(row.subject, row.body) for row in found if row.draft_of is not None}
    return {key: _kept(used.get(key), tries.get(key)) for key in used.keys() | tries.keys()}


def kept(tenant_id: UUID, key: str, user_id: UUID) -> Kept:
    """What is kept of one case, for one person."""
    return all_kept(tenant_id, user_id).get(key) or Kept(None, None, None)


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


def _kept(row: database.Row | None, draft: Wording | None) -> Kept:
    used = Wording(row.subject, row.body) if row else None
    return Kept(used, row.changed_at if row else None, draft)
