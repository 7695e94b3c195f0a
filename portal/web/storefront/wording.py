"""A package in words and pictures: its length, its tax, when it is paid. All pages of the storefront use it."""

from decimal import Decimal

from flask import current_app

from portal import settings
from portal.catalog.queries import PhotoView
from portal.kernel.tax import TaxMode
from portal.tenants.queries import TenantView
from portal.web import speech
from portal.web.speech import gettext as _
from portal.web.speech import ngettext

HERO_WIDTH, HERO_HEIGHT = 1000, 1250  # the shape the arch crops to, so that nothing jumps when the picture arrives


def length_text(days: int, max_guests: int | None) -> str:
    """``3 days · up to 120 guests``."""
    text = ngettext("%(num)d day", "%(num)d days", days)
    if max_guests is None:
        return text
    most = _("up to %(guests)s guests", guests=speech.current().number(max_guests))
    return f"{text} · {most}"


def tax_note(tenant: TenantView, rate_bp: Decimal) -> str | None:
    """What stands beside a price about its tax."""
    if tenant.tax_mode is TaxMode.NONE or not rate_bp:
        return None
    values = {"rate": speech.current().percent_bp(rate_bp), "tax": tenant.tax_label or _("tax")}
    if tenant.tax_mode is TaxMode.EXCLUSIVE:
        return _("plus %(rate)s %(tax)s", **values)
    return _("%(rate)s %(tax)s included", **values)


def asks_deposit(tenant: TenantView) -> bool:
    """Whether a part is enough to book."""
    return tenant.deposit_percent is not None and settings.current().features.deposits


def payment_terms(tenant: TenantView, buffer_days: int) -> list[str]:
    """When the price is due, in whole sentences."""
    if asks_deposit(tenant):
        share = speech.current().percent_bp((tenant.deposit_percent or 0) * 100)
        sentences = [
            _("A deposit of %(share)s makes the date yours.", share=share),
            ngettext(
                "The rest is due %(num)d day before your day.",
                "The rest is due %(num)d days before your day.",
                tenant.balance_due_days,
            ),
            _("You can pay everything at once, too."),
        ]
    else:
        sentences = [_("The whole price is paid when you book.")]
    if buffer_days:
        kept = ngettext("We keep the day after it free.", "We keep the %(num)d days after it free.", buffer_days)
        sentences.append(kept)
    return sentences


def picture(photo: PhotoView | None) -> dict[str, object] | None:
    """A photo as the templates take it."""
    if photo is None:
        return None
    return {"src": asset(photo.src), "width": photo.width, "height": photo.height, "alt": photo.alt}


def hero(path: str, alt: str) -> dict[str, object] | None:
    """The picture under the arch."""
    if not path:
        return None
    return {"src": asset(path), "width": HERO_WIDTH, "height": HERO_HEIGHT, "alt": alt}


def asset(path: str) -> str:
    """The address of a file below ``static/``."""
    url: str = current_app.extensions["assets"].url(path)
    return url


def paragraphs(text: str) -> list[str]:
    """A text's paragraphs, which an empty line parts."""
    return [part.strip() for part in text.replace("\r", "").split("\n\n") if part.strip()]
