"""Reads of what is sold: plain SQL into frozen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.db import database
from portal.kernel.errors import NotFound
from portal.kernel.text import N_


@dataclass(frozen=True, slots=True)
class PhotoView:
    """A picture; ``src`` is a path below ``/static``."""

    src: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AddOnView:
    """An add-on as a couple may choose it."""

    id: UUID
    name: str
    description: str
    price_cents: int
    tax_rate_bp: Decimal
    max_quantity: int


@dataclass(frozen=True, slots=True)
class PackageView:
    """A package in a list."""

    id: UUID
    resource_id: UUID
    slug: str
    name: str
    summary: str
    base_price_cents: int
    tax_rate_bp: Decimal
    days: int
    buffer_days: int
    max_guests: int | None
    photo: PhotoView | None


@dataclass(frozen=True, slots=True)
class PackageDetail:
    """A package with everything a couple sees of it."""

    id: UUID
    resource_id: UUID
    slug: str
    name: str
    summary: str
    description: str
    included: tuple[str, ...]
    base_price_cents: int
    tax_rate_bp: Decimal
    days: int
    buffer_days: int
    max_guests: int | None
    add_ons: tuple[AddOnView, ...]
    photos: tuple[PhotoView, ...]
    cancellation_policy: Mapping[str, Any] | None = None  # its own terms; None: the business's
    move_policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PackageTerms:
    """A package as its terms need it; also one that is switched off. Policies are None where the business's hold."""

    id: UUID
    slug: str
    name: str
    base_price_cents: int
    tax_rate_bp: Decimal
    is_active: bool
    cancellation_policy: Mapping[str, Any] | None
    move_policy: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Taxed:
    """A package or an add-on, and the tax on it."""

    id: UUID
    name: str
    price_cents: int
    tax_rate_bp: Decimal
    is_package: bool


@dataclass(frozen=True, slots=True)
class ResourceView:
    """Something whose days are sold once each."""

    id: UUID
    name: str


def packages(tenant_id: UUID) -> list[PackageView]:
    """The active packages, by position, each with its first photo."""
    found = database.rows(
        "SELECT p.id, p.resource_id, p.slug, p.name, p.summary, p.base_price_cents, p.tax_rate_bp, p.days,"
        " p.buffer_days, p.max_guests, f.src, f.alt, f.width, f.height FROM package p"
        " LEFT JOIN LATERAL (SELECT src, alt, width, height FROM photo"
        "   WHERE tenant_id = p.tenant_id AND package_id = p.id ORDER BY position, id LIMIT 1) f ON true"
        " WHERE p.tenant_id = %s AND p.is_active ORDER BY p.position, p.name, p.id",
        tenant_id,
    )
    return [_package(row) for row in found]


def _package(row: database.Row) -> PackageView:
    photo = PhotoView(row.src, row.alt, row.width, row.height) if row.src else None
    return PackageView(*(*row[:10], photo))


def package_by_slug(tenant_id: UUID, slug: str) -> PackageDetail:
    """An active package with its active add-ons and its photos; raises NotFound."""
    return _detail(tenant_id, "p.slug = %s AND p.is_active", slug)


def package_by_id(tenant_id: UUID, package_id: UUID) -> PackageDetail:
    """The same by its key."""
    return _detail(tenant_id, "p.id = %s AND p.is_active", package_id)


def package_as_it_is(tenant_id: UUID, package_id: UUID) -> PackageDetail:
    """The same, also when it is switched off: for whoever has booked it."""
    return _detail(tenant_id, "p.id = %s", package_id)


def _detail(tenant_id: UUID, condition: str, key: object) -> PackageDetail:
    found = database.row(
        "SELECT p.id, p.resource_id, p.slug, p.name, p.summary, p.description, p.included, p.base_price_cents,"
        " p.tax_rate_bp, p.days, p.buffer_days, p.max_guests, p.cancellation_policy, p.move_policy,"
        " (SELECT json_agg(json_build_array(src, alt, width, height) ORDER BY position, id) FROM photo"
        "   WHERE tenant_id = p.tenant_id AND package_id = p.id) AS photos"
        f" FROM package p WHERE p.tenant_id = %s AND {condition}",
        tenant_id,
        key,
    )
    if found is None:
        raise NotFound(N_("We do not offer this package. It may have been renamed or taken off our list."))
    add_ons = database.rows(
        "SELECT a.id, a.name, a.description, a.price_cents, a.tax_rate_bp, a.max_quantity FROM package_add_on pa"
        " JOIN add_on a ON a.tenant_id = pa.tenant_id AND a.id = pa.add_on_id"
        " WHERE pa.tenant_id = %s AND pa.package_id = %s AND a.is_active ORDER BY a.position, a.name, a.id",
        tenant_id,
        found.id,
    )
    photos = tuple(PhotoView(*photo) for photo in found.photos or ())
    shown = found._replace(included=lines(found.included))._asdict() | {"photos": photos}
    return PackageDetail(**shown, add_ons=tuple(AddOnView(*row) for row in add_ons))


def package_terms(tenant_id: UUID) -> list[PackageTerms]:
    """All packages with their own terms, those on sale first."""
    found = database.rows(
        "SELECT id, slug, name, base_price_cents, tax_rate_bp, is_active, cancellation_policy, move_policy"
        " FROM package WHERE tenant_id = %s ORDER BY is_active DESC, position, name, id",
        tenant_id,
    )
    return [PackageTerms(*row) for row in found]


def taxed(tenant_id: UUID) -> list[Taxed]:
    """Every package, then every add-on, with its rate; also those that are switched off."""
    found = database.rows(
        "SELECT id, name, base_price_cents AS price_cents, tax_rate_bp, true AS is_package FROM package"
        " WHERE tenant_id = %s UNION ALL SELECT id, name, price_cents, tax_rate_bp, false FROM add_on"
        " WHERE tenant_id = %s ORDER BY is_package DESC, name, id",
        tenant_id,
        tenant_id,
    )
    return [Taxed(*row) for row in found]


def lines(text: str) -> tuple[str, ...]:
    """The items of a text that holds one in each line."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def resources(tenant_id: UUID) -> list[ResourceView]:
    """The resources of a tenant, by position."""
    found = database.rows(
        "SELECT id, name FROM resource WHERE tenant_id = %s ORDER BY position, name, id",
        tenant_id,
    )
    return [ResourceView(*row) for row in found]
