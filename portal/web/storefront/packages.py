"""The content of a package's page around its calendar. Published, and therefore cached; the calendar is not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from flask import url_for
from markupsafe import Markup

from portal import settings
from portal.availability.rules import furthest_on
from portal.bookings import pricing
from portal.bookings.policy.refund import Amounts
from portal.bookings.policy.snapshot import Snapshot, snapshot, terms_of
from portal.catalog import queries
from portal.catalog.queries import AddOnView, PackageDetail
from portal.lifecycle import hold_terms
from portal.tenants.queries import TenantView
from portal.web import cache, render
from portal.web.speech import gettext as _
from portal.web.storefront import promises, wording

_CALENDAR, _TERMS = "<!-- calendar -->", "<!-- terms -->"


@dataclass(frozen=True, slots=True)
class Shown:
    """A package as its page needs it: what the calendar and the terms ask, and the ready text around both."""

    slug: str
    name: str
    summary: str
    resource_id: UUID
    days: int
    buffer_days: int
    total_cents: int
    terms: Mapping[str, Any]
    any_date: Markup  # the terms as long as no date is chosen
    before: Markup
    between: Markup
    after: Markup


def shown(tenant: TenantView, slug: str, today: date) -> Shown:
    """A published package; raises NotFound. The day is part of it because the date field begins with it."""
    key = f"package:{slug}:{tenant.locale}:{today}:{wording.asks_deposit(tenant)}"
    kept = json.loads(cache.remember(tenant.id, key, tenant.published_version, lambda: _made(tenant, slug, today)))
    for name in ("any_date", "before", "between", "after"):
        kept[name] = Markup(kept[name])  # noqa: S704  rendered and escaped by our own template
    kept["resource_id"] = UUID(kept["resource_id"])
    return Shown(slug=slug, **kept)


def terms(tenant: TenantView, package: Shown, chosen_on: date | None, today: date) -> Markup:
    """The terms of a package for a date that was chosen, or for any."""
    if chosen_on is None:
        return package.any_date
    return _terms(tenant, snapshot(package.terms), package.total_cents, chosen_on, today)


def _terms(tenant: TenantView, terms: Snapshot, total_cents: int, chosen_on: date | None, today: date) -> Markup:
    event_on = chosen_on or furthest_on(today)
    plans = hold_terms.plan(tenant, total_cents, event_on=event_on, today=today, pays_in_full=False)
    amounts = Amounts(total_cents, 0, terms.deposit_cents)
    words = promises.words(tenant, terms, amounts, plans, event_on=chosen_on, today=today)
    return Markup(render.text("storefront/parts/terms.html", words=words, chosen_on=chosen_on))  # noqa: S704  our own


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
        calendar=Markup(_CALENDAR),  # noqa: S704  a mark of our own
        terms=Markup(_TERMS),  # noqa: S704  as above
    )
    before, _gap, rest = content.partition(_CALENDAR)
    between, _gap, after = rest.partition(_TERMS)
    total_cents = pricing.price(package, {}, (), tenant.tax_mode).total_cents
    agreed = terms_of(tenant, package, total_cents)
    return json.dumps(
        {
            "name": package.name,
            "summary": package.summary,
            "resource_id": str(package.resource_id),
            "days": package.days,
            "buffer_days": package.buffer_days,
            "total_cents": total_cents,
            "terms": agreed.document(),
            "any_date": _terms(tenant, agreed, total_cents, None, today),
            "before": before,
            "between": between,
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
