"""Policies to and from JSON, as a tenant, a package and a booking keep them.

Strict: a document has exactly its fields, each of its type (``true`` is no number). Raises Invalid with all bad fields.
"""

from collections.abc import Mapping
from typing import Any

from portal.bookings.policy import cancellation, moving
from portal.bookings.policy.cancellation import CancellationPolicy, Faults, Kept, Tier
from portal.bookings.policy.moving import MovePolicy, MovePrice
from portal.kernel.errors import Invalid
from portal.kernel.text import N_

Document = dict[str, Any]
_WRONG = N_("This is not what belongs here.")


def cancellation_document(policy: CancellationPolicy) -> Document:
    """As it is stored."""
    return {
        "tiers": [{"days": tier.days, "percent": tier.percent} for tier in policy.tiers],
        "kept": policy.kept.value,
        "booking_fee_cents": policy.booking_fee_cents,
        "flat_fee_cents": policy.flat_fee_cents,
        "add_ons_days": policy.add_ons_days,
        "cooling_off_days": policy.cooling_off_days,
        "rebooked_percent": policy.rebooked_percent,
    }


def move_document(policy: MovePolicy) -> Document:
    """As it is stored."""
    return {
        "cutoff_days": policy.cutoff_days,
        "free_moves": policy.free_moves,
        "fees_cents": list(policy.fees_cents),
        "farthest_days": policy.farthest_days,
        "price": policy.price.value,
        "may_change_package": policy.may_change_package,
    }


def cancellation_policy(document: object) -> CancellationPolicy:
    """A document's policy. Raises Invalid."""
    take = _Taker(document)
    tiers = take.items("tiers")
    policy = CancellationPolicy(
        tiers=tuple(_tier(each, take.wrong) for each in tiers),
        kept=Kept(take.one_of("kept", [each.value for each in Kept])),
        booking_fee_cents=take.number("booking_fee_cents"),
        flat_fee_cents=take.number("flat_fee_cents"),
        add_ons_days=take.number_or_none("add_ons_days"),
        cooling_off_days=take.number("cooling_off_days"),
        rebooked_percent=take.number("rebooked_percent", absent=0),  # older documents have none
    )
    take.finish(cancellation.faults(policy))
    return policy


def move_policy(document: object) -> MovePolicy:
    """A document's policy. Raises Invalid."""
    take = _Taker(document)
    fees = take.items("fees_cents")
    if any(type(each) is not int for each in fees):
        take.wrong["fees_cents"] = _WRONG
        fees = []
    policy = MovePolicy(
        cutoff_days=take.number("cutoff_days"),
        free_moves=take.number("free_moves"),
        fees_cents=tuple(fees),
        farthest_days=take.number_or_none("farthest_days"),
        price=MovePrice(take.one_of("price", [each.value for each in MovePrice])),
        may_change_package=take.flag("may_change_package"),
    )
    take.finish(moving.faults(policy))
    return policy


def refuse(faults: Faults) -> None:
    """Raise Invalid when there are any."""
    if faults:
        raise Invalid(N_("These terms make no sense yet. Nothing was saved."), faults)


class _Taker:
    """Takes a document's fields, each once, and says what is wrong with them at the end."""

    def __init__(self, document: object) -> None:
        self.wrong: Faults = {}
        self._fields: dict[str, object] = dict(document) if isinstance(document, Mapping) else {}
        if not isinstance(document, Mapping):
            self.wrong[""] = _WRONG

    def number(self, name: str, *, absent: int | None = None) -> int:
        value = self._fields.pop(name, absent)
        if type(value) is int:
            return value
        self.wrong[name] = _WRONG
        return 0

    def number_or_none(self, name: str) -> int | None:
        if name in self._fields and self._fields[name] is None:
            del self._fields[name]
            return None
        return self.number(name)

    def flag(self, name: str) -> bool:
        value = self._fields.pop(name, None)
        if type(value) is not bool:
            self.wrong[name] = _WRONG
        return value is True

    def items(self, name: str) -> list[Any]:
        value = self._fields.pop(name, None)
        if type(value) is list:
            return value
        self.wrong[name] = _WRONG
        return []

    def one_of(self, name: str, values: list[str]) -> str:
        value = self._fields.pop(name, None)
        if isinstance(value, str) and value in values:
            return value
        self.wrong[name] = _WRONG
        return values[0]

    def finish(self, faults: Faults) -> None:
        """Everything is taken: what is left over does not belong here."""
        self.wrong.update(dict.fromkeys(self._fields, _WRONG))
        refuse(self.wrong or faults)


def _tier(document: object, wrong: Faults) -> Tier:
    take = _Taker(document)
    tier = Tier(days=take.number("days"), percent=take.number("percent"))
    try:
        take.finish({})
    except Invalid:
        wrong["tiers"] = _WRONG
    return tier
