"""Frozen dataclasses to JSON and back, by their annotations, and the one text of a document that is hashed.

Dates are ISO, decimals texts, amounts integers: there is no float, so the same document is always the same text.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

Json = dict[str, Any]
T = TypeVar("T")


def encode(value: object) -> Any:  # noqa: ANN401  JSON may be anything
    """A value as JSON holds it."""
    if is_dataclass(value):
        return {field.name: encode(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    msg = f"a document holds no {type(value).__name__}"
    raise TypeError(msg)


def decode(shape: type[T], stored: Mapping[str, Any]) -> T:
    """The dataclass that was encoded."""
    hints = _hints(shape)  # type: ignore[arg-type]  # a class is hashable
    return shape(**{name: _value(hint, stored[name]) for name, hint in hints.items() if name in stored})


def sha256(document: Mapping[str, Any]) -> bytes:
    """The hash of a document in its canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


@lru_cache(maxsize=32)
def _hints(shape: type) -> dict[str, Any]:
    return get_type_hints(shape)


def _value(hint: Any, stored: Any) -> Any:  # noqa: ANN401
    if get_origin(hint) is tuple:
        return tuple(_value(get_args(hint)[0], each) for each in stored)
    if NoneType in get_args(hint):
        return None if stored is None else _value(get_args(hint)[0], stored)
    if isinstance(hint, type) and is_dataclass(hint):
        return decode(hint, stored)
    if hint is date:
        return date.fromisoformat(stored)
    if isinstance(hint, type) and issubclass(hint, Decimal | Enum):
        return hint(stored)
    return stored
