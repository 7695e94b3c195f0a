"""How a tenant speaks: texts through gettext, money, numbers and dates through Babel, in one locale and time zone.

Pages and mails share it, so that a couple reads the same words and figures in both. It holds no request and no
connection: the same value always comes out as the same text, which is why the formatted texts are cached.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property, lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.support import Translations

from portal.kernel import money as amounts
from portal.kernel.errors import PortalError
from portal.kernel.text import N_

CATALOGUES = Path(__file__).resolve().parents[1] / "translations"
DEFAULT_LOCALE, DEFAULT_ZONE = "en_US", "UTC"
_BP_PER_WHOLE = 10_000
_AT_PLACE = N_("%(time)s (%(city)s time)")
# Where the first of a month is an ordinal, which the patterns of CLDR cannot say: le 1er juin, le 2 juin.
_FIRST_OF_MONTH = {"fr": "d'er'"}


@dataclass(frozen=True)
class Language:
    """A locale such as ``fr_FR`` and a time zone such as ``Europe/Paris``. Made by ``language()``."""

    name: str
    timezone: str

    @property
    def tag(self) -> str:
        """As HTML and HTTP write it: ``fr-FR``."""
        return self.name.replace("_", "-")

    @cached_property
    def locale(self) -> Locale:
        """Babel's data of the locale."""
        return Locale.parse(self.name)

    @cached_property
    def zone(self) -> ZoneInfo:
        """Where the tenant's clock hangs."""
        return ZoneInfo(self.timezone)

    @cached_property
    def catalogue(self) -> NullTranslations:
        """The texts of the locale; English ones are their own source."""
        return Translations.load(CATALOGUES, [self.name, self.locale.language])

    def gettext(self, message: str, **params: object) -> str:
        """A marked text, translated, its ``%(name)s`` filled in."""
        text = self.catalogue.gettext(message)
        return text % params if params else text

    def ngettext(self, singular: str, plural: str, num: int, **params: object) -> str:
        """A marked text that counts: ``%(num)d`` is filled in by itself."""
        return self.catalogue.ngettext(singular, plural, num) % {"num": num, **params}

    def error(self, error: PortalError | str) -> str:
        """An error's sentence, its dates and errors within it in this language."""
        if isinstance(error, str):
            return self.gettext(error)
        return self.gettext(error.message, **self._shown(error.params))

    def money(self, cents: int, currency: str) -> str:
        """``$1,850.00``, ``1 850,00 €``."""
        return _money(cents, currency, self.name)

    def percent_bp(self, rate_bp: Decimal | int) -> str:
        """Basis points as a percentage: 887.5 is ``8.875%``."""
        return _percent(Decimal(rate_bp), self.name)

    def number(self, value: Decimal | int) -> str:
        """``1,850``."""
        return _number(Decimal(value), self.name)

    def date_long(self, on: date) -> str:
        """``Saturday, June 12, 2027``."""
        return _date(on, "full", self.name)

    def date_medium(self, on: date) -> str:
        """``June 12, 2027``."""
        return _date(on, "long", self.name)

    def date_short(self, on: date) -> str:
        """``Jun 12, 2027``."""
        return _date(on, "medium", self.name)

    def month_title(self, on: date) -> str:
        """``June 2027``."""
        return _skeleton(on, "yMMMM", self.name)

    def datetime_medium(self, at: datetime) -> str:
        """An instant on the tenant's clock: ``Jun 12, 2027, 4:05 PM``."""
        local = at.astimezone(self.zone)
        joined: str = self.locale.datetime_formats["medium"]
        return joined.format(self.time_short(at), self.date_short(local.date()))

    def time_short(self, at: datetime) -> str:
        """An instant's time of day on the tenant's clock: ``4:05 PM``."""
        return _time(at.replace(second=0, microsecond=0), self.name, self.timezone)

    def time_at_place(self, at: datetime) -> str:
        """The same for somebody whose own clock may differ: ``4:05 PM (New York time)``."""
        return self.gettext(_AT_PLACE, time=self.time_short(at), city=_city(self.timezone, self.name))

    def _shown(self, params: Mapping[str, object]) -> dict[str, object]:
        return {name: self._show(value) for name, value in params.items()}

    def _show(self, value: object) -> object:
        if isinstance(value, datetime):
            return self.datetime_medium(value)
        if isinstance(value, date):
            return self.date_medium(value)
        if isinstance(value, amounts.Money):
            return self.money(value.cents, value.currency)
        if isinstance(value, PortalError):
            return self.error(value)
        return value


@lru_cache(maxsize=256)
def language(name: str = DEFAULT_LOCALE, timezone: str = DEFAULT_ZONE) -> Language:
    """The one value for a locale and a time zone."""
    return Language(name, timezone)


@lru_cache(maxsize=8192)
def _money(cents: int, currency: str, name: str) -> str:
    value = amounts.Money(cents, currency).major
    return numbers.format_currency(value, currency, locale=name)


@lru_cache(maxsize=512)
def _percent(rate_bp: Decimal, name: str) -> str:
    locale = Locale.parse(name)
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0.####")
    return numbers.format_percent(rate_bp / _BP_PER_WHOLE, pattern, locale=locale)


@lru_cache(maxsize=2048)
def _number(value: Decimal, name: str) -> str:
    return numbers.format_decimal(value, locale=name)


@lru_cache(maxsize=8192)
def _time(at: datetime, name: str, timezone: str) -> str:
    zone = ZoneInfo(timezone)
    return dates.format_time(at.astimezone(zone), "short", tzinfo=zone, locale=name)


@lru_cache(maxsize=256)
def _city(timezone: str, name: str) -> str:
    return dates.get_timezone_location(ZoneInfo(timezone), locale=name, return_city=True)


@lru_cache(maxsize=8192)
def _date(on: date, shape: Literal["full", "long", "medium"], name: str) -> str:
    locale = Locale.parse(name)
    pattern = dates.get_date_format(shape, locale)
    if on.day == 1 and locale.language in _FIRST_OF_MONTH:
        return dates.format_date(on, pattern.pattern.replace("d", _FIRST_OF_MONTH[locale.language], 1), locale=locale)
    return str(pattern.apply(on, locale))


@lru_cache(maxsize=2048)
def _skeleton(on: date, skeleton: str, name: str) -> str:
    return dates.format_skeleton(skeleton, on, locale=name)
