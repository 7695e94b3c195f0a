"""Who a business is on its invoices and when it issues them: one row per tenant, with the tenant's own row behind it.

The only writer of these settings and logos. What was issued already keeps what stood here then.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, Unpack
from uuid import UUID

from portal.db import database
from portal.kernel.errors import Invalid, PortalError
from portal.kernel.ids import uuid7
from portal.kernel.text import N_
from portal.tenants import invoice_rules, logo
from portal.tenants.logo import Logo
from portal.tenants.models import InvoiceLogo, InvoiceSettings
from portal.tenants.queries import TenantView


class IssueWhen(StrEnum):
    """When a booking gets its invoice."""

    CONFIRMED = "confirmed"
    PAID = "paid"
    BY_HAND = "by_hand"


class Paper(StrEnum):
    """What documents are printed on."""

    A4 = "A4"
    LETTER = "Letter"


@dataclass(frozen=True, slots=True)
class Invoicing:
    """The settings as the owner wrote them; the properties say what is printed."""

    legal_name: str = ""
    address: str = ""
    country: str = ""
    tax_number: str = ""
    registration: str = ""
    exemption: str = ""
    prefix: str = ""
    terms: str = ""
    notes: str = ""
    issue_when: IssueWhen = IssueWhen.CONFIRMED
    paper: str = ""
    logo_sha256: bytes | None = None

    def name_of(self, tenant: TenantView) -> str:
        """The seller."""
        return self.legal_name or tenant.name

    def address_of(self, tenant: TenantView) -> str:
        """Where the seller is, in lines."""
        return self.address or tenant.address

    def country_of(self, tenant: TenantView) -> str:
        """The seller's country, ISO 3166."""
        return self.country or tenant.locale[-2:]

    def prefix_of(self, tenant: TenantView) -> str:
        """What numbers begin with: ``BELLA-WEDDINGS``."""
        return self.prefix or tenant.slug.upper()

    def paper_of(self, tenant: TenantView) -> Paper:
        """The paper that lies in printers there, unless the owner chose."""
        if self.paper:
            return Paper(self.paper)
        return Paper.LETTER if self.country_of(tenant) in invoice_rules.LETTER_COUNTRIES else Paper.A4


class Changes(TypedDict, total=False):
    """The settings that an owner writes."""

    legal_name: str
    address: str
    country: str
    tax_number: str
    registration: str
    exemption: str
    prefix: str
    terms: str
    notes: str
    issue_when: str
    paper: str


def get(tenant_id: UUID) -> Invoicing:
    """The settings of a tenant; all empty when nothing was ever written."""
    row = database.row(
        "SELECT s.legal_name, s.address, s.country, s.tax_number, s.registration, s.exemption, s.prefix, s.terms,"
        " s.notes, s.issue_when, s.paper, l.sha256 FROM invoice_settings s"
        " LEFT JOIN invoice_logo l ON l.tenant_id = s.tenant_id AND l.id = s.logo_id WHERE s.tenant_id = %s",
        tenant_id,
    )
    if row is None:
        return Invoicing()
    values = row._asdict()
    sha256 = values.pop("sha256")
    values["issue_when"] = IssueWhen(row.issue_when)
    return Invoicing(**values, logo_sha256=sha256 and bytes(sha256))


def change(tenant_id: UUID, *, at: datetime, **changes: Unpack[Changes]) -> None:
    """Write some settings, for documents to come. Raises Invalid, which names each bad field."""
    _write(tenant_id, _checked(changes), at)


def tried(now: Invoicing, **changes: Unpack[Changes]) -> Invoicing:
    """The settings as they would be, for somebody who looks before saving. Raises Invalid as ``change`` does."""
    stored = _checked(changes)
    if "issue_when" in stored:
        stored["issue_when"] = IssueWhen(stored["issue_when"])
    return replace(now, **stored)


def _checked(changes: Changes) -> dict[str, Any]:
    stored: dict[str, Any] = {}
    faults: dict[str, PortalError | str] = {}
    for name, given in changes.items():
        try:
            stored[name] = invoice_rules.CHECKS[name](given)
        except PortalError as error:
            faults[name] = error
    if faults:
        raise Invalid(N_("Please correct: %(names)s."), faults, names=", ".join(sorted(faults)))
    return stored


def set_logo(tenant_id: UUID, upload: bytes | None, *, at: datetime) -> None:
    """Print this picture on documents to come, or none. Raises Invalid for ``logo``."""
    try:
        chosen = logo.checked(upload) if upload is not None else None
    except Invalid as error:
        raise Invalid(error.message, {"logo": error}, **error.params) from error
    with database.writing(tenant_id):
        _write(tenant_id, {"logo_id": _kept(tenant_id, chosen, at) if chosen else None}, at)


def find_logo(tenant_id: UUID, sha256: bytes) -> Logo:
    """The picture that a document shows."""
    row = database.row(
        "SELECT content, width, height FROM invoice_logo WHERE tenant_id = %s AND sha256 = %s", tenant_id, sha256
    )
    assert row is not None  # noqa: S101  logos are never deleted
    return Logo(bytes(row.content), row.width, row.height)


def _kept(tenant_id: UUID, chosen: Logo, at: datetime) -> UUID:
    database.execute(
        "INSERT INTO invoice_logo (id, tenant_id, sha256, content, width, height, created_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT ON CONSTRAINT invoice_logo_once DO NOTHING",
        uuid7(), tenant_id, chosen.sha256, chosen.content, chosen.width, chosen.height, at,
    )  # fmt: skip
    found = InvoiceLogo.get((InvoiceLogo.tenant_id == tenant_id) & (InvoiceLogo.sha256 == chosen.sha256))
    kept: UUID = found.id
    return kept


def _write(tenant_id: UUID, stored: dict[str, Any], at: datetime) -> None:
    with database.writing(tenant_id):
        database.execute(
            "INSERT INTO invoice_settings (id, tenant_id, changed_at) VALUES (%s, %s, %s)"
            " ON CONFLICT ON CONSTRAINT invoice_settings_once DO NOTHING",
            uuid7(),
            tenant_id,
            at,
        )
        InvoiceSettings.update(**stored, changed_at=at).where(InvoiceSettings.tenant_id == tenant_id).execute()
