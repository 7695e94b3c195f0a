"""What a booking keeps of the terms it was made under: both policies, and the deposit that they speak of.

A package's own terms stand in the place of the business's. Later edits of either do not reach the booking.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from portal.bookings.policy.cancellation import CancellationPolicy
from portal.bookings.policy.documents import (
    Document,
    cancellation_document,
    cancellation_policy,
    move_document,
    move_policy,
)
from portal.bookings.policy.moving import MovePolicy
from portal.kernel.money import percent


class Business(Protocol):
    """What a tenant says of its terms."""

    @property
    def cancellation_policy(self) -> Mapping[str, Any]: ...
    @property
    def move_policy(self) -> Mapping[str, Any]: ...
    @property
    def deposit_percent(self) -> int | None: ...


class Package(Protocol):
    """What a package says of its own terms; None follows the business."""

    @property
    def cancellation_policy(self) -> Mapping[str, Any] | None: ...
    @property
    def move_policy(self) -> Mapping[str, Any] | None: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The terms of one booking."""

    cancellation: CancellationPolicy
    moving: MovePolicy
    deposit_cents: int

    def document(self) -> Document:
        """As the booking stores it."""
        return {
            "cancellation": cancellation_document(self.cancellation),
            "moving": move_document(self.moving),
            "deposit_cents": self.deposit_cents,
        }


def snapshot(document: Mapping[str, Any]) -> Snapshot:
    """The terms that a booking has stored."""
    return Snapshot(
        cancellation_policy(document["cancellation"]), move_policy(document["moving"]), document["deposit_cents"]
    )


def terms_of(business: Business, package: Package, total_cents: int) -> Snapshot:
    """The terms under which a package is sold today for a total.

    The deposit is the business's share of the total, also for a couple that pays everything at once.
    """
    deposit = percent(total_cents, business.deposit_percent) if business.deposit_percent else 0
    return Snapshot(
        cancellation_policy(package.cancellation_policy or business.cancellation_policy),
        move_policy(package.move_policy or business.move_policy),
        deposit,
    )
