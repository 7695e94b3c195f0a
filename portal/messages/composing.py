"""A message's wording: subject, text and HTML in the tenant's name, colours and language, with the calendar attached.

Composed at delivery and forgotten. Links come from outside, minted a moment ago: nothing is stored or logged here.
"""

from datetime import datetime, timedelta

from portal import settings
from portal.bookings.queries import BookingView
from portal.bookings.states import BookingStatus
from portal.calendars import ics
from portal.kernel.text import N_
from portal.messages import addresses, changes, enclosures, figures, moving, returning, reviews, templates, terms
from portal.messages.facts import Facts
from portal.messages.mail import Attachment, Mail, address_of, one_line
from portal.messages.minting import Links
from portal.messages.states import Audience, MessageKind
from portal.messages.wording import opening, values
from portal.messages.wording.cases import EDITABLE
from portal.messages.wording.opening import Opening
from portal.tenants.language import Language

SUBJECTS = {
    MessageKind.CONFIRMATION: N_("Your date is booked: %(day)s"),
    MessageKind.NEW_BOOKING: N_("New booking: %(couple)s, %(day)s"),
    MessageKind.MANAGE_LINK: N_("Your booking with %(business)s"),
    MessageKind.PAYMENT_RETURNED: N_("We are sorry: %(day)s was taken, and your payment comes back"),
    MessageKind.PAYMENT_SENT_BACK: N_("A payment for %(day)s goes back to you"),
    MessageKind.PAYMENT_FAILED: N_("Your payment for %(day)s did not go through"),
    MessageKind.REFUND_FAILED: N_("A refund to %(couple)s did not go through"),
    MessageKind.NEEDS_REVIEW: N_("Please look at the booking of %(couple)s"),
    MessageKind.CANCELLING: N_("Your booking for %(day)s is being cancelled"),
    MessageKind.CANCELLED: N_("Your booking for %(day)s is cancelled"),
    MessageKind.CANCELLATION_UNDONE: N_("Your booking for %(day)s stays as it was"),
    MessageKind.COUPLE_CANCELS: N_("%(couple)s cancel %(day)s"),
    MessageKind.COUPLE_STAYS: N_("%(couple)s keep %(day)s after all"),
    MessageKind.REBOOKED: N_("%(day)s was booked again: you get more back"),
    MessageKind.MOVED: N_("Your date is moved to %(day)s"),
    MessageKind.COUPLE_MOVED: N_("%(couple)s have moved to %(day)s"),
    MessageKind.MOVE_LAPSED: N_("Your date stays as it was: %(day)s"),
    MessageKind.COURTESY_HELD: N_("We keep %(day)s for you"),
    MessageKind.COURTESY_ENDS: N_("Until tomorrow we keep %(day)s for you"),
    MessageKind.CHALLENGED: N_("Somebody else would like %(day)s: please decide"),
    MessageKind.COURTESY_ENDED: N_("We no longer keep %(day)s for you"),
    MessageKind.PAYMENT_RECEIVED: N_("We received your payment for %(day)s"),
    MessageKind.COUPLE_PAID: N_("%(couple)s have paid for %(day)s"),
    MessageKind.DETAILS_CHANGED: N_("%(couple)s have changed something: %(day)s"),
    MessageKind.PRICE_CHANGED: N_("Your booking for %(day)s has a new price"),
    MessageKind.EMAIL_CONFIRM: N_("Is this your address? Please confirm it for %(business)s"),
    MessageKind.EMAIL_CHANGED: N_("The email address of your booking with %(business)s was changed"),
    MessageKind.NEW_LINK: N_("Your new link to your booking with %(business)s"),
    MessageKind.DOCUMENTS: N_("%(documents)s from %(business)s"),
    MessageKind.EVENT_SOON: N_("%(day)s is coming closer"),
    MessageKind.EVENT_EVE: N_("We look forward to %(day)s"),
    MessageKind.FOLLOW_UP: N_("Thank you, %(couple)s"),
    MessageKind.BALANCE_SOON: N_("Your payment for %(day)s is due soon"),
    MessageKind.BALANCE_DUE: N_("Your payment for %(day)s is due today"),
    MessageKind.BALANCE_OVERDUE: N_("Your payment for %(day)s is overdue"),
    MessageKind.BALANCE_LAST: N_("Your payment for %(day)s is still open"),
    MessageKind.COUPLE_OWES: N_("Overdue: %(couple)s, %(day)s"),
    MessageKind.DISPUTE_OPENED: N_("A payment of %(couple)s is disputed"),
    MessageKind.MAIL_FAILED: N_("A mail to %(couple)s did not arrive"),
    MessageKind.BUSY_OUTSIDE: N_("%(day)s is booked, and busy in another calendar"),
}
_CERTAINTY = {
    BookingStatus.HELD: ics.Certainty.TENTATIVE,
    BookingStatus.EXPIRED: ics.Certainty.CANCELLED,
    BookingStatus.CANCELLED: ics.Certainty.CANCELLED,
}
_WITH_CALENDAR = {
    MessageKind.CONFIRMATION,
    MessageKind.NEW_BOOKING,
    MessageKind.CANCELLED,
    MessageKind.MOVED,
    MessageKind.COUPLE_MOVED,
    MessageKind.DETAILS_CHANGED,
}
CALENDAR_NAME = "booking.ics"


def compose(facts: Facts, links: Links, *, at: datetime) -> Mail:
    """The mail as it leaves now. ``links`` are the couple's secret addresses."""
    language, tenant, message = facts.language, facts.tenant, facts.message
    context = _context(facts, links, at)
    is_ours = message.audience is Audience.OWNER
    return Mail(
        id=message.id,
        sender_name=one_line(tenant.name),
        sender=address_of(settings.current().mail_from),
        to=message.recipient,
        reply_to_name=one_line(facts.booking.couple if is_ours else tenant.name),
        reply_to=facts.booking.email if is_ours else tenant.contact_email,
        subject=one_line(str(context["subject"])),
        text=templates.plain(language, message.kind, context),
        html=templates.html(language, message.kind, context),
        at=at,
        attachments=_attachments(facts, at),
        unsubscribe_url=links.unsubscribe,
        tells_of_opening=message.kind is MessageKind.DOCUMENTS and not is_ours,
    )


def calendar_entry(language: Language, booking: BookingView, business: str) -> ics.Entry:
    """A booking as the couple's calendar shows it."""
    return ics.Entry(
        booking_id=booking.id,
        version=booking.version,
        event_on=booking.event_on,
        days=booking.days,
        certainty=_CERTAINTY.get(booking.status, ics.Certainty.CONFIRMED),
        summary=f"{booking.package_name} – {business}",
        location=booking.venue,
        description=language.gettext("Booking %(reference)s", reference=booking.reference),
        url=addresses.manage_page(booking.reference),
    )


def _attachments(facts: Facts, at: datetime) -> tuple[Attachment, ...]:
    if facts.message.kind not in _WITH_CALENDAR:
        return enclosures.attachments(facts.documents)
    content = ics.calendar(calendar_entry(facts.language, facts.booking, facts.tenant.name), at=at)
    return (Attachment(CALENDAR_NAME, ics.CONTENT_TYPE, content),)


def _context(facts: Facts, links: Links, at: datetime) -> dict[str, object]:
    language, booking, tenant = facts.language, facts.booking, facts.tenant
    begins = _begins(facts)
    return {
        "subject": begins.subject,
        "opening": begins.paragraphs,
        "tenant": tenant,
        "booking": booking,
        "last_on": booking.event_on + timedelta(days=booking.days - 1),
        "price_rows": figures.price_rows(language, booking, facts.overview, tenant.tax_label),
        "paid_rows": figures.paid_rows(language, facts.overview),
        "due_rows": figures.due_rows(language, facts.overview, facts.today),
        "words": terms.of_booking(language, booking, facts.overview, at=at),
        "due_now_cents": figures.due_now_cents(facts.overview, facts.today),
        "received_cents": facts.overview.received_cents,
        "refund": facts.refund,
        "is_by_hand": facts.is_by_hand,
        "what_follows": returning.when_a_couple_cancels(language, booking, is_by_hand=facts.is_by_hand),
        "rebooked_percent": returning.further_share(language, booking, facts.overview),
        "reviews": reviews.in_words(language, booking.review_reason),
        "payment": facts.payment,
        "changes": changes.of_entry(language, facts.entry) if facts.entry else [],
        "address_change": facts.address_change,
        "documents": enclosures.rows(facts.documents, links.manage.get(booking.id, "")),
        "moved": moving.told(facts.quote, facts.overview) if facts.quote else None,
        "free_days": [(day, addresses.booking_form(tenant.slug, booking.package_slug, day)) for day in facts.free_days],
        "bookings": [(each, links.manage[each.id]) for each in facts.bookings],
        "manage_url": links.manage.get(booking.id, ""),
        "pay_url": addresses.paying(links.manage.get(booking.id, "")),
        "reschedule_url": links.reschedule,
        "cancel_url": links.cancel,
        "unsubscribe_url": links.unsubscribe,
        "days_left": (booking.event_on - facts.today).days,
        "balance": figures.balance(facts.overview, facts.reminder.slot) if facts.reminder else None,
        "overdue_cents": facts.overdue_cents,
        "kept_until": facts.kept_until,
        "dispute": facts.dispute,
        **_failed(facts),
        "clashes": facts.clashes,
        "storefront_url": addresses.storefront(tenant.slug),
        "find_booking_url": addresses.find_booking(tenant.slug),
        "dashboard_url": addresses.dashboard_booking(booking.reference),
        "form_url": addresses.booking_form(tenant.slug, booking.package_slug, booking.event_on),
    }


def _failed(facts: Facts) -> dict[str, object]:
    """The mail of which the business is told that it did not arrive."""
    if facts.failed is None:
        return {}
    message = facts.failed.message
    reason = message.failure and facts.language.gettext(message.failure)
    return {"failed": message, "failed_subject": subject_of(facts.failed), "failed_reason": reason}


def subject_of(facts: Facts) -> str:
    """What stands above the mail, or in a list of several."""
    return _begins(facts).subject


def _begins(facts: Facts) -> Opening:
    """Subject and first words, as the business writes them or as we do."""
    language, booking, kind = facts.language, facts.booking, facts.message.kind
    subject = language.gettext(
        SUBJECTS[kind],
        day=language.date_medium(booking.event_on),
        couple=booking.couple,
        business=facts.tenant.name,
        documents=enclosures.in_a_subject(language, facts.documents),
    )
    if kind not in EDITABLE:
        return Opening(subject, [])
    return opening.opening(language, subject, values.of_booking(facts), facts.words)
