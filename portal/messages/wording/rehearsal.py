"""An email as it would read today, for who writes its words: about a real booking, or about an invented couple.

It takes the booking as it is and only supplies what the email is about, such as a cancellation that nobody asked for.
Nothing is written, and no link in it holds a secret.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from portal.bookings import queries
from portal.db import database
from portal.kernel.ids import uuid7
from portal.lifecycle.overview import overview
from portal.messages import addresses, composing, waiting
from portal.messages.facts import Facts, MessageView
from portal.messages.mail import Mail
from portal.messages.minting import Links
from portal.messages.states import Audience, MessageKind, MessageStatus, Subject, subject_of
from portal.messages.waiting import Waiting
from portal.messages.wording import occasions, samples
from portal.messages.wording.cases import Case
from portal.messages.wording.opening import original
from portal.messages.wording.store import Wording
from portal.tenants.language import Language, language
from portal.tenants.queries import TenantView

_OFFERED = 15


def choices(tenant_id: UUID) -> list[database.Row]:
    """The newest bookings that were ever paid: reference, couple and day."""
    return database.rows(
        "SELECT reference, couple, event_on FROM booking WHERE tenant_id = %s AND confirmed_at IS NOT NULL"
        " ORDER BY created_at DESC, id DESC LIMIT %s",
        tenant_id,
        _OFFERED,
    )


def newest(tenant_id: UUID) -> str:
    """The reference of the newest of them; empty where there is none."""
    return next((str(row.reference) for row in choices(tenant_id)), "")


def our_words(chosen: Language, case: Case) -> Wording:
    """What the product writes, with the fields as a business writes them."""
    subjects: Mapping[MessageKind, str] = {**composing.SUBJECTS, **waiting.SUBJECTS}
    return original(chosen, case.key, subjects[case.kind])


def rehearse(
    tenant: TenantView, case: Case, reference: str, words: Wording | None, *, to: str, at: datetime
) -> Mail:  # fmt: skip
    """The mail in these words, or in ours; without a reference about an invented couple. Raises NotFound."""
    chosen = language(tenant.locale, tenant.timezone)
    if reference:
        booking = queries.by_reference(tenant.id, reference)
        account = overview(tenant.id, booking.id)
    else:
        booking = samples.booking(tenant, chosen, at=at)
        account = samples.account(booking, at=at)
    own = {case.key: words} if words else {}
    about = MessageView(
        id=uuid7(),
        subject_id=booking.id,
        kind=case.kind,
        slot="",
        recipient=to,
        audience=Audience.COUPLE,
        status=MessageStatus.DUE,
        failure="",
    )
    if subject_of(case.kind) is Subject.WAITLIST:
        known = Waiting(about, tenant, occasions.entry(booking, at=at), own)
        return waiting.written(known, addresses.storefront(tenant.slug), at=at)
    facts = occasions.facts(case, Facts(about, tenant, booking, account, tenant.today(at), words=own), at=at)
    page = addresses.manage_page(booking.reference)
    return composing.compose(facts, Links({booking.id: page}), at=at)
