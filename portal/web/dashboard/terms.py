"""Settings: the terms of a business and of single packages, with an example beside them that follows the form.

Everybody in the business may look, the owner changes. ``intent=example`` saves nothing; HTMX gets the example alone.
"""

from dataclasses import dataclass
from decimal import Decimal

from flask import Response, flash, request, url_for

from portal.bookings import terms as verbs
from portal.bookings.policy.cancellation import MOST_TIERS, CancellationPolicy
from portal.bookings.policy.documents import cancellation_policy, move_policy
from portal.bookings.policy.moving import MOST_FEES, MovePolicy
from portal.catalog.queries import PackageTerms, package_terms
from portal.db import database
from portal.identity.roles import Role
from portal.kernel import time
from portal.kernel.errors import Invalid, NotFound
from portal.kernel.money import Money
from portal.kernel.text import N_
from portal.tenants.queries import TenantView
from portal.web import htmx, login, render, speech
from portal.web.dashboard import terms_example, terms_form
from portal.web.dashboard.frame import bp, page
from portal.web.dashboard.terms_form import OWN_CANCELLATION, OWN_MOVING, Reading
from portal.web.forms import single

_SPARE_ROWS = 2
_EXAMPLE_CENTS = 200_000


@dataclass(frozen=True, slots=True)
class _Sample:
    """What the example sells while the business sells nothing."""

    name: str
    base_price_cents: int = _EXAMPLE_CENTS
    tax_rate_bp: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class _Subject:
    """Whose terms they are: a package's, or with None the business's."""

    tenant: TenantView
    role: Role
    packages: list[PackageTerms]
    package: PackageTerms | None

    @property
    def price(self) -> Money | None:
        """The lowest price that the terms are for."""
        if self.package:
            return Money(self.package.base_price_cents, self.tenant.currency)
        return verbs.lowest_price(self.tenant, self.packages)

    @property
    def cancellation(self) -> CancellationPolicy:
        """The terms that hold."""
        own = self.package.cancellation_policy if self.package else None
        return cancellation_policy(own or self.tenant.cancellation_policy)

    @property
    def moving(self) -> MovePolicy:
        """The terms that hold."""
        own = self.package.move_policy if self.package else None
        return move_policy(own or self.tenant.move_policy)

    @property
    def url(self) -> str:
        """Where the form is."""
        slug = self.package.slug if self.package else None
        return url_for(".package_terms_view" if slug else ".terms", slug=self.tenant.slug, package=slug)

    def saved(self) -> Reading:
        """The form as it shows what is saved."""
        language = speech.current()
        values = terms_form.values_of(self.cancellation, self.moving, self.tenant.currency, language)
        if self.package:
            values[OWN_CANCELLATION] = "1" if self.package.cancellation_policy else ""
            values[OWN_MOVING] = "1" if self.package.move_policy else ""
        return Reading(values=values, cancellation=self.cancellation, moving=self.moving)


@bp.get("/<slug>/settings/terms")
def terms(slug: str) -> Response:
    """The terms of the business."""
    subject = _subject(slug, None)
    return _show(subject, subject.saved())


@bp.get("/<slug>/settings/terms/<package>")
def package_terms_view(slug: str, package: str) -> Response:
    """The terms of one package."""
    subject = _subject(slug, package)
    return _show(subject, subject.saved())


@bp.post("/<slug>/settings/terms")
def set_terms(slug: str) -> Response:
    """Save the terms of the business, or only show their example."""
    return _posted(slug, None)


@bp.post("/<slug>/settings/terms/<package>")
def set_package_terms(slug: str, package: str) -> Response:
    """Save the terms of one package, or only show their example."""
    return _posted(slug, package)


def _subject(slug: str, package: str | None) -> _Subject:
    tenant, role = login.enter(slug)
    found = package_terms(tenant.id)
    chosen = next((each for each in found if each.slug == package), None)
    if package is not None and chosen is None:
        raise NotFound(N_("This package does not exist."))
    return _Subject(tenant, role, found, chosen)


def _posted(slug: str, package: str | None) -> Response:
    tenant, role = login.enter(slug)
    login.decides(role)
    with database.reading(tenant.id):
        subject = _subject(slug, package)
        reading = terms_form.read(request.form, tenant.currency, speech.current(), of_package=package is not None)
        reading.blame(verbs.faults(tenant, subject.price, reading.cancellation, reading.moving))
        is_example = single(request.form, "intent") == "example"
        if is_example and htmx.wants_fragment("example"):
            return render.render("dashboard/parts/terms_example.html", status=200, **_example(subject, reading))
        if is_example or reading.errors:
            return _show(subject, reading, status=422 if reading.errors else 200)
    try:
        _save(subject, reading)
    except Invalid as error:  # a price fell meanwhile
        reading.blame(dict(error.fields))
        with database.reading(tenant.id):
            return _show(_subject(slug, package), reading, status=422)
    flash(speech.gettext("Saved. These terms hold for bookings from now on."), "good")
    return htmx.see_other(subject.url)


def _save(subject: _Subject, reading: Reading) -> None:
    if subject.package:
        verbs.set_package_terms(subject.tenant.id, subject.package.id, reading.cancellation, reading.moving)
    elif reading.cancellation and reading.moving:
        verbs.set_business_terms(subject.tenant.id, reading.cancellation, reading.moving)


def _show(subject: _Subject, reading: Reading, *, status: int = 200) -> Response:
    tenant, values = subject.tenant, reading.values
    saved = subject.saved().values
    is_own = {name: bool(values.get(name)) for name in (OWN_CANCELLATION, OWN_MOVING)} if subject.package else {}
    return page(
        "dashboard/terms.html",
        tenant,
        subject.role,
        current="settings",
        status=status,
        tabs=_tabs(subject),
        package=subject.package,
        url=subject.url,
        # A package that follows the business shows the business's terms until it has its own.
        values={**{name: text for name, text in saved.items() if is_own and name not in values}, **values},
        tier_rows=_rows(values, "tier_days", MOST_TIERS),
        fee_rows=_rows(values, "move_fee", MOST_FEES),
        has_deposit=tenant.deposit_percent is not None,
        worked=terms_example.worked(),
        **_example(subject, reading),
    )


def _example(subject: _Subject, reading: Reading) -> dict[str, object]:
    """The example of what the form says; none while something is wrong with it."""
    errors = {name: speech.sentence(error) for name, error in reading.errors.items()}
    on_sale = [each for each in subject.packages if each.is_active]
    sample = subject.package or (on_sale[0] if on_sale else _Sample(speech.gettext("A package")))
    # What a package does not say itself, the business says.
    cancellation = reading.cancellation or cancellation_policy(subject.tenant.cancellation_policy)
    moving = reading.moving or move_policy(subject.tenant.move_policy)
    today = subject.tenant.today(time.now())
    example = None if errors else terms_example.shown(subject.tenant, sample, cancellation, moving, today)
    return {"errors": errors, "example": example}


def _tabs(subject: _Subject) -> list[dict[str, object]]:
    slug = subject.tenant.slug
    tabs: list[dict[str, object]] = [
        {
            "label": speech.gettext("All packages"),
            "url": url_for(".terms", slug=slug),
            "is_current": not subject.package,
        }
    ]
    for each in subject.packages:
        url = url_for(".package_terms_view", slug=slug, package=each.slug)
        tabs.append({"label": each.name, "url": url, "is_current": each == subject.package})
    return tabs


def _rows(values: dict[str, str], name: str, most: int) -> range:
    """As many rows as are filled in, and some to go on with."""
    filled = max((row for row in range(1, most + 1) if values.get(f"{name}_{row}")), default=0)
    return range(1, min(filled + _SPARE_ROWS, most) + 1)
