"""Amounts and whole numbers as people type them: ASCII digits, the locale's decimal sign or a point, nothing else."""

import re
from decimal import Decimal

from babel.numbers import get_decimal_symbol

from portal.kernel.errors import Invalid
from portal.kernel.money import exponent
from portal.kernel.text import N_
from portal.tenants.language import Language

_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)
_RATE = re.compile(r"([0-9]{1,3})(?:([.,])([0-9]{1,3}))?", re.ASCII)
_AMOUNT = re.compile(r"([0-9]{1,9})(?:([.,])([0-9]{1,3}))?", re.ASCII)


def whole(text: str) -> int:
    """A whole number from 0 on. Raises Invalid with a sentence for the field."""
    text = text.strip(" ")
    if not text:
        raise Invalid(N_("Please fill this in."))
    if not _NUMBER.fullmatch(text):
        raise Invalid(N_("Please write a whole number, such as 30."))
    return int(text)


def cents(text: str, currency: str, language: Language) -> int:
    """An amount in minor units. Raises Invalid with a sentence for the field."""
    text, places = text.strip(" "), exponent(currency)
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise Invalid(
            N_("Please write an amount in digits, such as %(example)s."), example=shown(12_500, currency, language)
        )
    whole_part, sign, decimals = found[1], found[2], found[3] or ""
    if sign and sign not in {".", _decimal_sign(language)}:
        raise Invalid(N_("Please write the decimals after a point: %(example)s."), example=f"{whole_part}.{decimals}")
    if len(decimals) > places:
        raise Invalid(N_("This currency has %(places)s decimals."), places=places)
    return int(whole_part + decimals.ljust(places, "0"))


def shown(cents_: int, currency: str, language: Language) -> str:
    """An amount as its field shows it: ``1850.00``, ``1850,00``."""
    places = exponent(currency)
    text = str(Decimal(cents_).scaleb(-places).quantize(Decimal(1).scaleb(-places)))
    return text.replace(".", _decimal_sign(language))


def rate_bp(text: str, language: Language) -> Decimal:
    """A percentage in basis points: ``8.875`` is 887.5. Raises Invalid with a sentence for the field."""
    found = _RATE.fullmatch(text.strip(" "))
    if not found or (found[2] and found[2] not in {".", _decimal_sign(language)}):
        raise Invalid(N_("Please write a percentage in digits, such as 20 or 8.875."))
    return Decimal(f"{found[1]}.{found[3] or 0}") * 100


def shown_rate(rate: Decimal, language: Language) -> str:
    """A rate as its field shows it: ``8.875``, ``20``."""
    return f"{(rate / 100).normalize():f}".replace(".", _decimal_sign(language))


def _decimal_sign(language: Language) -> str:
    sign: str = get_decimal_symbol(language.locale)
    return sign
