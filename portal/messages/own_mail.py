"""Mails to a business about itself and not about one booking: written in its language, and planned one at a time."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from portal import settings
from portal.db import database
from portal.kernel.ids import uuid7
from portal.messages import addresses, templates
from portal.messages.facts import MessageView
from portal.messages.mail import Mail, address_of, one_line
from portal.messages.states import Audience, MessageKind, Subject
from portal.tenants.language import language
from portal.tenants.queries import TenantView


def compose(
    about: MessageView, tenant: TenantView, subject: str, context: Mapping[str, object], *, at: datetime
) -> Mail:
    """The mail as it leaves now; nobody answers it."""
    chosen = language(tenant.locale, tenant.timezone)
    storefront_url = addresses.storefront(tenant.slug)
    whole = {"subject": subject, "tenant": tenant, "storefront_url": storefront_url, **context}
    return Mail(
        id=about.id,
        sender_name=one_line(tenant.name),
        sender=address_of(settings.current().mail_from),
        to=about.recipient,
        reply_to_name="",
        reply_to="",
        subject=one_line(subject),
        text=templates.plain(chosen, about.kind, whole),
        html=templates.html(chosen, about.kind, whole),
        at=at,
    )


def plan(tenant_id: UUID, kind: MessageKind, *, slot: str, due_at: datetime, recipient: str, at: datetime) -> None:
    """Plan one, unless one of its kind is planned; a slot that has ended stays so."""
    with database.writing(tenant_id):
        database.execute(
            "INSERT INTO message (id, tenant_id, subject_type, subject_id, kind, slot, recipient, audience, status,"
            " created_at, due_at) SELECT %s, %s, %s, %s, %s, %s, %s, %s, 'planned', %s, %s"
            " WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.tenant_id = %s AND m.subject_id = %s AND m.kind = %s"
            "  AND m.status = 'planned')"
            " ON CONFLICT ON CONSTRAINT message_once DO UPDATE SET status = 'planned', due_at = excluded.due_at"
            " WHERE message.status = 'cancelled'",
            uuid7(),
            tenant_id,
            Subject.TENANT,
            tenant_id,
            kind,
            slot,
            recipient,
            Audience.OWNER,
            at,
            due_at,
            tenant_id,
            tenant_id,
            kind,
        )


def cancel_planned(tenant_id: UUID, kind: MessageKind) -> None:
    """The one that is planned will not come; another may take its place."""
    with database.writing(tenant_id):
        database.execute(
            "UPDATE message SET status = 'cancelled' WHERE tenant_id = %s AND subject_id = %s AND kind = %s"
            " AND status = 'planned'",
            tenant_id,
            tenant_id,
            kind,
        )
