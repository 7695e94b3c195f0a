"""Settings: who a business is on its invoices, its logo, and when it issues; with an invoice beside them that follows.

Everybody in the business may look, the owner changes. ``intent=preview`` saves nothing; HTMX gets the invoice alone.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from flask import Response, flash, request, url_for

from portal import settings
from portal.catalog import queries as catalog
from portal.db import database
from portal.identity.roles import Role
from portal.invoices import sample
from portal.kernel import time
from portal.kernel.errors import Invalid, PortalError
from portal.tenants import invoicing
from portal.tenants.invoicing import Changes, Invoicing, IssueWhen, Paper
from portal.tenants.queries import TenantView
from portal.web import document_frame, htmx, login, render, speech
from portal.web.application import takes_upload
from portal.web.dashboard.frame import bp, page
from portal.web.forms import single

FIELDS = (
    "legal_name", "address", "country", "tax_number", "registration", "exemption", "prefix", "terms", "notes",
    "issue_when", "paper",
)  # fmt: skip
_EXAMPLE_CENTS = 200_000
# A photo of a phone is larger than a logo may be; it deserves a sentence at its field.
_LARGEST_UPLOAD = 8_000_000


@bp.get("/<slug>/settings/invoices")
def invoice_settings(slug: str) -> Response:
    """The settings as they are."""
    tenant, role = login.enter(slug)
    now = invoicing.get(tenant.id)
    return _show(tenant, role, now, _values(now), {})


@bp.post("/<slug>/settings/invoices")
def set_invoice_settings(slug: str) -> Response:
    """Save them for documents to come, or only show what an invoice would look like."""
    tenant, role = login.enter(slug)
    login.decides(role)
    values = {name: single(request.form, name) for name in FIELDS}
    changes = cast("Changes", values)
    is_preview = single(request.form, "intent") == "preview"
    with database.reading(tenant.id):
        now, errors = invoicing.get(tenant.id), {}
        try:
            now = invoicing.tried(now, **changes)
        except Invalid as error:
            errors = error.fields
        if is_preview and htmx.wants_fragment("preview"):
            return render.render("dashboard/parts/invoice_preview.html", status=200, **_preview(tenant, now, errors))
        if is_preview or errors:
            return _show(tenant, role, now, values, errors, status=422 if errors else 200)
    invoicing.change(tenant.id, at=time.now(), **changes)
    flash(
        speech.gettext("Saved. This holds for documents from now on; those that were issued stay as they are."), "good"
    )
    return htmx.see_other(url_for(".invoice_settings", slug=slug))


@bp.post("/<slug>/settings/invoices/logo")
@takes_upload(_LARGEST_UPLOAD)
def set_logo(slug: str) -> Response:
    """Print this picture on documents to come, or none."""
    tenant, role = login.enter(slug)
    login.decides(role)
    sent = request.files.get("logo")
    content = None if single(request.form, "intent") == "remove" else sent.read() if sent else b""
    try:
        invoicing.set_logo(tenant.id, content, at=time.now())
    except Invalid as error:
        with database.reading(tenant.id):
            now = invoicing.get(tenant.id)
            return _show(tenant, role, now, _values(now), error.fields, status=422)
    flash(speech.gettext("Saved. Documents from now on carry it.") if content else speech.gettext("Removed."), "good")
    return htmx.see_other(url_for(".invoice_settings", slug=slug))


def _values(now: Invoicing) -> dict[str, str]:
    return {name: str(getattr(now, name)) for name in FIELDS}


def _show(
    tenant: TenantView,
    role: Role,
    now: Invoicing,
    values: Mapping[str, str],
    errors: Mapping[str, PortalError | str],
    *,
    status: int = 200,
) -> Response:
    return page(
        "dashboard/invoice_settings.html",
        tenant,
        role,
        current="settings",
        status=status,
        values=values,
        has_logo=now.logo_sha256 is not None,
        whens=_whens(),
        papers=_papers(now, tenant),
        defaults={"name": tenant.name, "country": tenant.locale[-2:], "prefix": tenant.slug.upper()},
        is_on=settings.current().features.invoices,
        **_preview(tenant, now, errors),
    )


def _preview(tenant: TenantView, now: Invoicing, errors: Mapping[str, PortalError | str]) -> dict[str, object]:
    """The invoice that these settings make; none while something is wrong with them."""
    sentences = {name: speech.sentence(error) for name, error in errors.items()}
    if sentences:
        return {"errors": sentences, "preview": ""}
    first = next((each for each in catalog.taxed(tenant.id) if each.is_package), None)
    document = sample.invoice(
        tenant,
        now,
        package=first.name if first else "",
        price_cents=first.price_cents if first else _EXAMPLE_CENTS,
        rate_bp=first.tax_rate_bp if first else Decimal(0),
        today=tenant.today(time.now()),
    )
    logo = invoicing.find_logo(tenant.id, now.logo_sha256) if now.logo_sha256 else None
    return {"errors": {}, "preview": document_frame.source(document, logo)}


def _whens() -> list[dict[str, object]]:
    return [
        {
            "value": IssueWhen.CONFIRMED.value,
            "label": speech.gettext("When the booking is confirmed"),
            "hint": speech.gettext("It says what was paid, and what is due when."),
            "amount": None,
        },
        {
            "value": IssueWhen.PAID.value,
            "label": speech.gettext("When everything is paid"),
            "hint": speech.gettext("Until then there are receipts for what was paid."),
            "amount": None,
        },
        {
            "value": IssueWhen.BY_HAND.value,
            "label": speech.gettext("By hand"),
            "hint": speech.gettext("You issue each from its booking’s page."),
            "amount": None,
        },
    ]


def _papers(now: Invoicing, tenant: TenantView) -> list[tuple[str, str]]:
    usual = "US Letter" if Invoicing(country=now.country).paper_of(tenant) is Paper.LETTER else "A4"
    return [
        ("", speech.gettext("As usual in your country (%(paper)s)", paper=usual)),
        (Paper.A4.value, "A4"),
        (Paper.LETTER.value, "US Letter"),
    ]
