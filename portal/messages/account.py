"""The mail of a forgotten password. It belongs to the platform: no tenant, no row of its own, Aisle's own look."""

from datetime import datetime
from uuid import UUID

from portal import settings
from portal.identity import password_reset
from portal.kernel import failpoints
from portal.kernel.text import N_
from portal.messages import addresses, delivery, templates
from portal.messages.delivery import RefusedError
from portal.messages.mail import Mail, address_of
from portal.tenants.language import language

NAME = "Aisle"
_SUBJECT = N_("Choose a new password")


def send_reset(effect_id: UUID, user_id: UUID, *, at: datetime, is_first_attempt: bool) -> None:
    """Send the link to choose a new password, if there is such an account. Raises to try later."""
    channel = delivery.current()
    if not is_first_attempt and channel.find(effect_id):
        return
    reset = password_reset.mint_for_mail(user_id, at=at)
    if reset is None:
        return
    chosen = language()
    context = {
        "subject": chosen.gettext(_SUBJECT),
        "name": reset.name,
        "reset_url": addresses.reset_password(reset.raw_token),
        "minutes": int(password_reset.LIFETIME.total_seconds() // 60),
    }
    mail = Mail(
        id=effect_id,
        sender_name=NAME,
        sender=address_of(settings.current().mail_from),
        to=reset.email,
        reply_to_name="",
        reply_to="",
        subject=str(context["subject"]),
        text=templates.plain(chosen, "password_reset", context),
        html=templates.html(chosen, "password_reset", context),
        at=at,
    )
    failpoints.reach("message.before_send")
    try:
        channel.send(mail)
    except RefusedError:
        return  # the security log has the request; an address that takes no mail gets none
    failpoints.reach("message.after_send")
