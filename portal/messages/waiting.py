"""Mails to who waits for a date: what they speak of, read again just before they leave, and their wording.

They carry a link of their own, minted here and found nowhere else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from portal import settings
from portal.availability import waitlist_links
from portal.availability.waitlist_states import WaitStatus
from portal.kernel.text import N_
from portal.lifecycle import waiting, waiting_list
from portal.lifecycle.waiting_list import EntryView
from portal.messages import addresses, templates
from portal.messages.facts import MessageView
from portal.messages.mail import Mail, address_of, one_line
from portal.messages.states import MessageKind
from portal.messages.wording import opening, store, values
from portal.messages.wording.store import Wording
from portal.tenants import queries as tenants
from portal.tenants.language import language
from portal.tenants.queries import TenantView

SUBJECTS = {
    MessageKind.WAITLIST_JOINED: N_("You are on the list for %(day)s"),
    MessageKind.WAITLIST_OFFER: N_("%(day)s is free, and kept for you"),
    MessageKind.WAITLIST_ENDED: N_("%(day)s is no longer kept for you"),
}
# In which states of an entry a mail still tells the truth.
_TRUE_WHILE = {
    MessageKind.WAITLIST_JOINED: {WaitStatus.WAITING},
    MessageKind.WAITLIST_OFFER: {WaitStatus.OFFERED},
    MessageKind.WAITLIST_ENDED: {WaitStatus.LAPSED, WaitStatus.LEFT},
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that the templates may use of one message."""

    message: MessageView
    tenant: TenantView
    entry: EntryView | None
    words: Mapping[str, Wording] = field(default_factory=dict)

    @property
    def reason_to_skip(self) -> str:
        """Why this mail must not leave any more; empty when it may."""
        if self.entry is None:
            return "nobody waits any more"
        is_true = self.entry.status in _TRUE_WHILE[self.message.kind]
        return "" if is_true else f"the entry is {self.entry.status}"


def gather(tenant_id: UUID, about: MessageView) -> Waiting:
    """All that the mail will say; within the caller's ``reading()``."""
    entry, words = waiting_list.by_id(tenant_id, about.subject_id), store.of_kind(tenant_id, about.kind)
    return Waiting(about, tenants.get(tenant_id), entry, words)


def compose(known: Waiting, *, at: datetime) -> Mail:
    """The mail as it leaves now; no transaction may be open, because its link and its end are written first."""
    entry = known.entry
    assert entry is not None  # noqa: S101  such a mail is skipped
    if known.message.kind is MessageKind.WAITLIST_OFFER:
        ends_at = waiting.renew(known.tenant.id, entry.id, at=at) or entry.offer_ends_at
        known = replace(known, entry=replace(entry, offer_ends_at=ends_at))
    return written(known, _mint(known, at), at=at)


def written(known: Waiting, link_url: str, *, at: datetime) -> Mail:
    """The mail with its link, which may be none."""
    message, tenant, entry = known.message, known.tenant, known.entry
    assert entry is not None  # noqa: S101  such a mail is skipped
    chosen = language(tenant.locale, tenant.timezone)
    subject = chosen.gettext(SUBJECTS[message.kind], day=chosen.date_medium(entry.event_on))
    begins = opening.opening(chosen, subject, values.of_waiting(chosen, message.kind, tenant, entry), known.words)
    context: dict[str, object] = {
        "subject": begins.subject,
        "opening": begins.paragraphs,
        "tenant": tenant,
        "entry": entry,
        "last_on": entry.event_on + timedelta(days=entry.days - 1),
        "link_url": link_url,
        "again_url": addresses.waitlist_form(tenant.slug, entry.package_slug, entry.event_on),
        "storefront_url": addresses.storefront(tenant.slug),
    }
    return Mail(
        id=message.id,
        sender_name=one_line(tenant.name),
        sender=address_of(settings.current().mail_from),
        to=message.recipient,
        reply_to_name=one_line(tenant.name),
        reply_to=tenant.contact_email,
        subject=one_line(begins.subject),
        text=templates.plain(chosen, message.kind, context),
        html=templates.html(chosen, message.kind, context),
        at=at,
    )


def _mint(known: Waiting, at: datetime) -> str:
    """The secret address of an entry; one that has ended needs none."""
    if known.message.kind is MessageKind.WAITLIST_ENDED:
        return ""
    return addresses.waiting_link(waitlist_links.mint(known.tenant.id, known.message.subject_id, at=at))
