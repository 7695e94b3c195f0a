"""The content of a business's front page: who they are and what they offer. Published, and therefore cached."""

from flask import url_for
from markupsafe import Markup

from portal import settings
from portal.catalog import queries
from portal.catalog.queries import PackageView
from portal.tenants.queries import TenantView
from portal.web import cache, render
from portal.web.storefront import wording


def content(tenant: TenantView) -> Markup:
    """The page between head and foot. Its language is the tenant's, which is part of what is published."""
    key = f"offer:{tenant.locale}:{wording.asks_deposit(tenant)}"
    return Markup(cache.remember(tenant.id, key, tenant.published_version, lambda: _made(tenant)))  # noqa: S704  our own


def canonical(slug: str) -> str:
    """The page's one public address."""
    return settings.current().base_url + url_for("storefront.index", slug=slug)


def _made(tenant: TenantView) -> str:
    return render.text(
        "storefront/parts/offer.html",
        tenant=tenant,
        hero=wording.hero(tenant.hero_image, tenant.hero_alt),
        packages=[_package(tenant, package) for package in queries.packages(tenant.id)],
        currency=tenant.currency,
        has_deposit=wording.asks_deposit(tenant),
    )


def _package(tenant: TenantView, package: PackageView) -> dict[str, object]:
    return {
        "name": package.name,
        "url": url_for("storefront.package", slug=tenant.slug, package=package.slug),
        "summary": package.summary,
        "from_cents": package.base_price_cents,
        "length_text": wording.length_text(package.days, package.max_guests),
        "picture": wording.picture(package.photo),
    }
