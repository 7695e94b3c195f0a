"""The document that a booking should have now, and the steps from what was issued so far to it. Pure.

Law: nothing issued is ever changed. Something else than what stands is reached by a credit note that refers to it and
by a new invoice; what a cancellation does not keep is one credit note over that part.
"""

from dataclasses import dataclass
from datetime import date

from portal.invoices import amounts
from portal.invoices.amounts import ByRate
from portal.invoices.document import Document, Line
from portal.invoices.states import Reason
from portal.kernel.tax import TaxMode


@dataclass(frozen=True, slots=True)
class Content:
    """What a new invoice is needed for when it changes: the customer, the days and the price."""

    customer_name: str
    first_on: date
    last_on: date
    currency: str
    tax_mode: TaxMode
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should stand. ``kept_cents``: the booking was cancelled, and this much of the price is kept."""

    content: Content
    kept_cents: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An invoice and what was credited of it."""

    invoice: Document
    credits: tuple[Document, ...]

    @property
    def left(self) -> ByRate:
        """What still stands of it."""
        return amounts.minus(
            amounts.by_rate(self.invoice.lines), [amounts.by_rate(each.lines) for each in self.credits]
        )


@dataclass(frozen=True, slots=True)
class Texts:
    """The lines that are not the booking's own, in the tenant's language."""

    kept: str
    not_kept: str
    taken_back: str


@dataclass(frozen=True, slots=True)
class Credit:
    """A credit note over these lines of the invoice that stands."""

    lines: tuple[Line, ...]
    reason: Reason


@dataclass(frozen=True, slots=True)
class Issue:
    """A new invoice over these lines."""

    lines: tuple[Line, ...]


Step = Credit | Issue


def content_of(document: Document) -> Content:
    """What an invoice was issued for."""
    return Content(
        customer_name=document.customer.name,
        first_on=document.service.first_on,
        last_on=document.service.last_on,
        currency=document.currency,
        tax_mode=document.tax_mode,
        lines=document.lines,
    )


def steps(wanted: Wanted, standing: Standing | None, texts: Texts) -> list[Step]:
    """What has to be issued, in order; nothing when all is as it should be."""
    left = standing.left if standing else {}
    if wanted.kept_cents is not None:
        return _steps_of_cancelled(wanted, wanted.kept_cents, standing, texts)
    if standing and left and not standing.credits and content_of(standing.invoice) == wanted.content:
        return []
    return [*_take_back(standing, texts), Issue(wanted.content.lines)]


def _steps_of_cancelled(wanted: Wanted, kept_cents: int, standing: Standing | None, texts: Texts) -> list[Step]:
    content = wanted.content
    kept = amounts.kept(amounts.by_rate(content.lines), kept_cents)
    left = standing.left if standing else {}
    if left == kept:
        return []
    if standing and _is_within(kept, left):
        if not kept and not standing.credits:
            return [Credit(standing.invoice.lines, Reason.CANCELLED)]
        surplus = amounts.minus(left, [kept])
        return [Credit(amounts.lines_of(surplus, texts.not_kept, standing.invoice.tax_mode), Reason.CANCELLED)]
    anew = [Issue(amounts.lines_of(kept, texts.kept, content.tax_mode))] if kept else []
    return [*_take_back(standing, texts), *anew]


def _take_back(standing: Standing | None, texts: Texts) -> list[Step]:
    """A credit note over whatever is left of an invoice."""
    if standing is None or not standing.left:
        return []
    if not standing.credits:
        return [Credit(standing.invoice.lines, Reason.CHANGED)]
    return [Credit(amounts.lines_of(standing.left, texts.taken_back, standing.invoice.tax_mode), Reason.CHANGED)]


def _is_within(kept: ByRate, left: ByRate) -> bool:
    """Whether what is left holds what is kept, net and tax of each rate."""
    return all(
        rate in left and part.net_cents <= left[rate].net_cents and part.tax_cents <= left[rate].tax_cents
        for rate, part in kept.items()
    )
