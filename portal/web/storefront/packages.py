"""The content of a package's page around its calendar. Published, and therefore cached; the calendar is not."""

import json
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from flask import url_for
from markupsafe import Markup

from portal import settings
from portal.availability.rules import furthest_on
from portal.catalog import queries
from portal.catalog.queries import AddOnView, PackageDetail
from portal.tenants.queries import TenantView
from portal.web import cache, render
from portal.web.speech import gettext as _
from portal.web.storefront import wording

_GAP = "<!-- calendar -->"


@dataclass(frozen=True, slots=True)
class Shown:
    """A package as its page needs it: what the calendar asks, and the ready text on both sides of it."""

    slug: str
    name: str
    summary: str
    resource_id: UUID
    days: int
    buffer_days: int
    before: Markup
    after: Markup


def shown(tenant: TenantView, slug: str, today: date) -> Shown:
    """A published package; raises NotFound. The day is part of it because the date field begins with it."""
    key = f"package:{slug}:{tenant.locale}:{today}:{wording.asks_deposit(tenant)}"
    kept = json.loads(cache.remember(tenant.id, key, tenant.published_version, lambda: _made(tenant, slug, today)))
    return Shown(
        slug,
        kept["name"],
        kept["summary"],
        UUID(kept["resource_id"]),
        kept["days"],
        kept["buffer_days"],
        Markup(kept["before"]),  # noqa: S704  rendered and escaped by our own template
        Markup(kept["after"]),  # noqa: S704
    )


def canonical(slug: str, package: str) -> str:
    """The page's one public address, without month and date."""
    return settings.current().base_url + url_for("storefront.package", slug=slug, package=package)


def _made(tenant: TenantView, slug: str, today: date) -> str:
    package = queries.package_by_slug(tenant.id, slug)
    content = render.text(
        "storefront/parts/package.html",
        tenant=tenant,
        currency=tenant.currency,
        package=_package(package),
        tax_note=wording.tax_note(tenant, package.tax_rate_bp),
        payment_terms=wording.payment_terms(tenant, package.buffer_days),
        add_ons=[_add_on(add_on) for add_on in package.add_ons],
        book_url=url_for("booking.form", slug=tenant.slug, package=slug),
        min_date=today,
        max_date=furthest_on(today),
        calendar=Markup(_GAP),  # noqa: S704  a mark of our own
    )
    before, _gap, after = content.partition(_GAP)
    return json.dumps(
        {
            "name": package.name,
            "summary": package.summary,
            "resource_id": str(package.resource_id),
            "days": package.days,
            "buffer_days": package.buffer_days,
            "before": before,
            "after": after,
        }
    )


def _package(package: PackageDetail) -> dict[str, object]:
    return {
        "name": package.name,
        "summary": package.summary,
        "description": wording.paragraphs(package.description),
        "included": package.included,
        "length_text": wording.length_text(package.days, package.max_guests),
        "price_cents": package.base_price_cents,
        "pictures": [wording.picture(photo) for photo in package.photos],
    }


def _add_on(add_on: AddOnView) -> dict[str, object]:
    return {
        "name": add_on.name,
        "description": add_on.description,
        "price_cents": add_on.price_cents,
        "unit_text": _("each") if add_on.max_quantity > 1 else None,
    }
