"""What is kept in ``message_wording``: the words that couples get, and the tries of those who write them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.db import database
from portal.messages.states import MessageKind
from portal.messages.wording.cases import EDITABLE, keys_of


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


def _kept(row: database.Row | None, draft: Wording | None) -> Kept:
    used = Wording(row.subject, row.body) if row else None
    return Kept(used, row.changed_at if row else None, draft)
