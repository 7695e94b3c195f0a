"""An invoice out of nothing, which shows an owner what the settings make of one. Pure; it is never stored."""

from datetime import date, timedelta
from decimal import Decimal

from portal.invoices import amounts, issuing, numbers
from portal.invoices.document import SCHEMA, Customer, Document, Due, Line, Payment, Service
from portal.invoices.numbers import Parts
from portal.invoices.states import DocumentKind, Reason
from portal.kernel.tax import TaxMode, apply_tax
from portal.kernel.text import N_
from portal.tenants.invoicing import Invoicing
from portal.tenants.language import language
from portal.tenants.queries import TenantView

_AHEAD = timedelta(days=180)
_EXTRA = N_("Second photographer")
_PACKAGE = N_("A package")
_VENUE = N_("The Old Mill")


def invoice(
    tenant: TenantView, settings: Invoicing, *, package: str, price_cents: int, rate_bp: Decimal, today: date
) -> Document:
    """An invoice for a package and an extra, half of it paid."""
    say = language(tenant.locale, tenant.timezone).gettext
    mode, event_on = TaxMode(tenant.tax_mode), today + _AHEAD
    name = package or say(_PACKAGE)
    lines = (_line(name, 1, price_cents, rate_bp, mode), _line(say(_EXTRA), 2, price_cents // 8, rate_bp, mode))
    sums = amounts.sums(lines)
    paid_cents = sums.total_cents // 2
    return Document(
        schema=SCHEMA,
        kind=DocumentKind.INVOICE,
        number=numbers.written(Parts(settings.prefix_of(tenant), DocumentKind.INVOICE, today.year, 1)),
        issued_on=today,
        booking_reference="K7QM-2R9D",
        look=issuing.look(tenant, settings),
        seller=issuing.seller(tenant, settings),
        customer=Customer("Anna Smith & Ben Jones", "anna@couple.example", "", settings.country_of(tenant)),
        service=Service(name, event_on, event_on, say(_VENUE)),
        currency=tenant.currency,
        tax_mode=mode,
        tax_label=tenant.tax_label,
        exemption="" if sums.tax_cents else settings.exemption,
        lines=lines,
        taxes=amounts.tax_rows(lines),
        net_cents=sums.net_cents,
        tax_cents=sums.tax_cents,
        total_cents=sums.total_cents,
        payments=(Payment(today, paid_cents, "visa", "4242", "pi_3QabcDEF0123456789"),),
        dues=(Due(event_on - timedelta(days=tenant.balance_due_days), sums.total_cents - paid_cents),),
        reason=Reason.NONE,
        refers_to=None,
        terms=settings.terms,
        notes=settings.notes,
    )


def _line(description: str, quantity: int, unit_cents: int, rate_bp: Decimal, mode: TaxMode) -> Line:
    rate = rate_bp if mode is not TaxMode.NONE else Decimal(0)
    net, tax, gross = apply_tax(quantity * unit_cents, rate, mode)
    return Line(description, quantity, unit_cents, 0, net, rate, tax, gross)
