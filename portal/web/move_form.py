"""What the form for a new date says: the day, and the package where it may change. The couple's and the owner's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from werkzeug.datastructures import MultiDict

from portal.bookings.queries import BookingView
from portal.catalog.queries import PackageView
from portal.kernel.errors import Invalid
from portal.kernel.text import N_, is_iso_date
from portal.lifecycle.move import MoveWish
from portal.web.forms.reading import single

DAY, PACKAGE, PICK = "event_on", "package", "pick"


@dataclass(frozen=True, slots=True)
class Sent:
    """The form as it came; a day of the calendar that was pressed counts more than one that was typed."""

    day: str
    package: str

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> Self:
        """From what the browser sent. Raises Invalid when a field came twice."""
        return cls((single(form, PICK) or single(form, DAY)).strip(), single(form, PACKAGE).strip())

    @property
    def month(self) -> str:
        """The month of the day, such as ``2027-06``; another text when there is none."""
        return self.day[:7]

    def wish(self, booking: BookingView, packages: Sequence[PackageView]) -> MoveWish:
        """Where to move; ``packages`` are those that may be chosen. Raises Invalid with the bad fields."""
        day, package = _day(self.day), chosen(booking, packages, self.package)
        faults = {}
        if day is None:
            faults[DAY] = N_("Please pick a date from the calendar.")
        if package is None and self.package not in {"", booking.package_slug}:
            faults[PACKAGE] = N_("Please choose a package from the list.")
        if faults or day is None:
            raise Invalid(next(iter(faults.values())), faults)
        return MoveWish(event_on=day, package_id=package.id if package else None)


def chosen(booking: BookingView, packages: Sequence[PackageView], slug: str) -> PackageView | None:
    """Another package than the booking's; None when it stays, or when it is none of these."""
    others = (package for package in packages if package.slug == slug != booking.package_slug)
    return next(others, None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if is_iso_date(text) else None
    except ValueError:
        return None
