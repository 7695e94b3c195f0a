"""Checks of parameters as Stripe makes them: types, required ones, choices, and nothing unknown.

A `Check` takes the decoded text (or dictionary) and the parameter's name as Stripe prints it, and returns the
typed value or raises.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from portal.devtools.stripe_emulator.api.errors import missing_parameter, refused_parameter, unknown_parameters
from portal.devtools.stripe_emulator.store import Doc

Check = Callable[[Any, str], Any]

_INTEGER = re.compile(r"^-?[0-9]{1,15}$")
_EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s.]+$")
_METADATA_KEYS, _METADATA_KEY_LENGTH, _METADATA_VALUE_LENGTH = 50, 40, 500


@dataclass(frozen=True)
class Hash:
    """A dictionary with these keys and no others."""

    fields: Mapping[str, Check] = field(default_factory=dict)
    required: tuple[str, ...] = ()

    def __call__(self, value: object, name: str) -> Doc:
        """Check every key; the names of nested parameters are put together as Stripe prints them."""
        if not isinstance(value, dict):
            raise refused_parameter("Invalid object", name)
        if unknown := [_nested(name, key) for key in value if key not in self.fields]:
            raise unknown_parameters(unknown)
        if absent := [key for key in self.required if key not in value]:
            raise missing_parameter(_nested(name, absent[0]))
        return {key: self.fields[key](given, _nested(name, key)) for key, given in value.items()}


def _nested(outer: str, key: str) -> str:
    return f"{outer}[{key}]" if outer else key


def text(longest: int = 5000, *, may_be_empty: bool = False) -> Check:
    """A string of limited length."""

    def check(value: object, name: str) -> str:
        if not isinstance(value, str):
            raise refused_parameter(f"Invalid string: {value}", name)
        if not value and not may_be_empty:
            raise refused_parameter(
                f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a parameter; "
                f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a "
                "non-empty value.",
                name,
                "parameter_invalid_empty",
            )
        if len(value) > longest:
            raise refused_parameter(
                f"Invalid string: {value[:10]}...{value[-10:]}; must be at most {longest} characters", name
            )
        return value

    return check


def integer(least: int | None = None, most: int | None = None) -> Check:
    """A whole number within bounds."""

    def check(value: object, name: str) -> int:
        if not (isinstance(value, str) and _INTEGER.match(value)):
            raise refused_parameter(f"Invalid integer: {value}", name, "parameter_invalid_integer")
        number = int(value)
        if least is not None and number < least:
            raise refused_parameter(
                f"This value must be greater than or equal to {least}.", name, "parameter_invalid_integer"
            )
        if most is not None and number > most:
            raise refused_parameter(
                f"This value must be less than or equal to {most}.", name, "parameter_invalid_integer"
            )
        return number

    return check


def boolean(value: object, name: str) -> bool:
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise refused_parameter(f"Invalid boolean: {value}", name)
    return bool(value == "true")


def choice(*options: str) -> Check:
    """One of a few words."""

    def check(value: object, name: str) -> str:
        if value not in options:
            listed = " or ".join((", ".join(options[:-1]), options[-1])) if len(options) > 1 else options[0]
            raise refused_parameter(f"Invalid {name}: must be one of {listed}", name)
        return str(value)

    return check


def array(item: Check, most: int = 100) -> Check:
    """A list, sent as `name[0]`, `name[1]` ... or `name[]`."""

    def check(value: object, name: str) -> list[Any]:
        if value == "":
            return []
        if not isinstance(value, dict) or not all(key.isdigit() for key in value):
            raise refused_parameter("Invalid array", name)
        if len(value) > most:
            raise refused_parameter(f"Array {name} exceeded maximum {most} allowed elements.", name)
        return [item(value[key], f"{name}[{key}]") for key in sorted(value, key=int)]

    return check


def metadata(value: object, name: str) -> dict[str, str]:
    """Keys and values of our client's own (https://docs.stripe.com/api/metadata)."""
    if value == "":
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise refused_parameter("Metadata values must be strings", name)
    if len(value) > _METADATA_KEYS:
        raise refused_parameter(f"You can have up to {_METADATA_KEYS} metadata keys; {len(value)} given.", name)
    for key, one in value.items():
        if len(key) > _METADATA_KEY_LENGTH:
            raise refused_parameter(
                f"Metadata keys can be up to 40 characters, but you passed in a key that is {len(key)} characters.",
                name,
            )
        if len(one) > _METADATA_VALUE_LENGTH:
            raise refused_parameter(
                "Metadata values can have up to 500 characters, "
                f"but you passed in a value that is {len(one)} characters. Invalid value: {one[:20]}...",
                f"{name}[{key}]",
            )
    return value


def email(value: object, name: str) -> str:
    """An address that could exist."""
    if not isinstance(value, str) or not _EMAIL.match(value):
        raise refused_parameter(f"Invalid email address: {value}", name, "email_invalid")
    return value


def url(value: object, name: str) -> str:
    """An absolute web address."""
    parts = urlsplit(value) if isinstance(value, str) else urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise refused_parameter("Not a valid URL", name, "url_invalid")
    return str(value)


def anything(value: object, name: str) -> object:  # noqa: ARG001 - a check has two arguments
    """A parameter Stripe has and the emulator only repeats back or ignores."""
    return value


EXPAND = array(text(500))
"""Which ids to replace by their objects."""

_INSTANT = integer(0)


def created(value: object, name: str) -> object:
    """An instant, or bounds on one."""
    bounds = Hash({"gt": _INSTANT, "gte": _INSTANT, "lt": _INSTANT, "lte": _INSTANT})
    return bounds(value, name) if isinstance(value, dict) else _INSTANT(value, name)


def listing(**filters: Check) -> Hash:
    """The parameters of a list endpoint: paging and the given filters."""
    paging = {"limit": integer(1, 100), "starting_after": text(), "ending_before": text(), "created": created}
    return Hash({**paging, "expand": EXPAND, **filters})
