"""How a booking's stages follow a change of its price or its date. ``plan`` decides and is pure; the others write.

Law: afterwards the stages that are not void, less what is credited, are the total. More to pay goes into the last open
stage; less to pay shrinks open stages from the last. A stage is never altered in its amount: it becomes VOID and has a
successor, so that whatever was sold of it can be told apart. What a bank is working on is left alone.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from portal.kernel.errors import Conflict
from portal.kernel.text import N_
from portal.payments.states import StageStatus, StageType

_OPEN = frozenset({StageStatus.PENDING, StageStatus.FAILED})
_ON_ITS_WAY = N_(
    "A payment for this booking is on its way. Your bank needs some days for it; please try again once it has arrived."
    " Nothing was changed."
)


class How(StrEnum):
    """What else a change does to stages."""

    SAME_DATE = "same_date"
    NEW_DATE = "new_date"  # what is open falls due with the new date
    NEW_DATE_PAID_FIRST = "new_date_paid_first"  # and what is added is paid before anything changes


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage as it stands; ``is_on_its_way``: a bank is working on its payment."""

    id: UUID
    number: int
    type: StageType
    amount_cents: int
    due_on: date
    status: StageStatus
    is_on_its_way: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it still has to be paid."""
        return self.status in _OPEN


@dataclass(frozen=True, slots=True)
class Part:
    """A stage to be."""

    type: StageType
    amount_cents: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Target:
    """What the change leads to. ``total_cents`` has the fee in it; ``captured_cents`` is what is left of payments."""

    total_cents: int
    fee_cents: int
    captured_cents: int
    event_on: date
    balance_due_days: int
    today: date
    how: How

    @property
    def due_on(self) -> date:
        """When the rest of the price falls due."""
        return max(self.today, self.event_on - timedelta(days=self.balance_due_days))


@dataclass(frozen=True, slots=True)
class Restaging:
    """What becomes of the stages. ``first`` is paid before the change is done, ``added`` with it.

    ``credited_cents`` is by how much paid stages then exceed the total; ``refund_cents`` of it go back.
    """

    voided: tuple[UUID, ...]
    added: tuple[Part, ...]
    first: tuple[Part, ...]
    due_on: Mapping[UUID, date] = field(default_factory=dict)
    credited_cents: int = 0
    refund_cents: int = 0

    @property
    def first_cents(self) -> int:
        """What has to be paid before anything changes."""
        return sum(part.amount_cents for part in self.first)


@dataclass(slots=True)
class _Draft:
    """A plan that is being made."""

    voided: dict[UUID, Stage] = field(default_factory=dict)
    added: list[Part] = field(default_factory=list)
    first: list[Part] = field(default_factory=list)


def plan(stages: Sequence[Stage], target: Target, *, credited_cents: int) -> Restaging:
    """What becomes of stages. Raises Conflict when one that would change is being worked on by a bank."""
    owed = sum(stage.amount_cents for stage in stages if stage.status is not StageStatus.VOID) - credited_cents
    rise = target.total_cents - target.fee_cents - owed
    draft = _Draft()
    excess = _shrink(draft, stages, -rise, target) if rise < 0 else 0
    fee_cents = max(0, target.fee_cents - excess)
    excess = max(0, excess - target.fee_cents)
    if fee_cents:
        _new(draft, target).append(Part(StageType.FEE, fee_cents, target.today))
    if rise > 0:
        _raise(draft, stages, rise, target)
    if any(stage.is_on_its_way for stage in draft.voided.values()):
        raise Conflict(_ON_ITS_WAY)
    return Restaging(
        voided=tuple(draft.voided),
        added=tuple(draft.added),
        first=tuple(draft.first),
        due_on=_due_dates(draft, stages, target),
        credited_cents=credited_cents + excess,
        refund_cents=min(excess, max(0, target.captured_cents - target.total_cents)),
    )


def after(stages: Iterable[Stage], restaging: Restaging) -> list[Part]:
    """The stages that are still to be paid once the change is done, soonest first."""
    kept = [
        Part(stage.type, stage.amount_cents, restaging.due_on.get(stage.id, stage.due_on))
        for stage in stages
        if stage.is_open and stage.id not in restaging.voided
    ]
    return sorted([*kept, *restaging.added], key=lambda part: part.due_on)


def _new(draft: _Draft, target: Target) -> list[Part]:
    """Where what was not in any stage before goes."""
    return draft.first if target.how is How.NEW_DATE_PAID_FIRST else draft.added


def _shrink(draft: _Draft, stages: Sequence[Stage], less: int, target: Target) -> int:
    """Take an amount off what is open, from the last; how much of it there was no open stage for."""
    for stage in reversed(_in_order(stages)):
        if not less:
            break
        draft.voided[stage.id] = stage
        taken = min(less, stage.amount_cents)
        less -= taken
        if taken < stage.amount_cents:
            draft.added.append(Part(stage.type, stage.amount_cents - taken, _due(stage, target)))
    return less


def _raise(draft: _Draft, stages: Sequence[Stage], more: int, target: Target) -> None:
    """Put an amount into the last open stage of the price, or into a new one."""
    last = next((stage for stage in reversed(_in_order(stages)) if stage.type is not StageType.FEE), None)
    if last is not None:
        draft.voided[last.id] = last
        draft.added.append(Part(last.type, last.amount_cents + more, _due(last, target)))
    else:
        due_on = target.today if target.how is How.NEW_DATE_PAID_FIRST else target.due_on
        _new(draft, target).append(Part(StageType.INSTALLMENT, more, due_on))


def _in_order(stages: Sequence[Stage]) -> list[Stage]:
    """What is open, the last one being the one that changes first; a fee is no part of the price and changes last."""
    open_ = [stage for stage in stages if stage.is_open]
    return sorted(open_, key=lambda stage: (stage.type is not StageType.FEE, stage.due_on, stage.number))


def _due(stage: Stage, target: Target) -> date:
    """A fee does not fall due with the date."""
    return stage.due_on if target.how is How.SAME_DATE or stage.type is StageType.FEE else target.due_on


def _due_dates(draft: _Draft, stages: Sequence[Stage], target: Target) -> dict[UUID, date]:
    staying = [stage for stage in stages if stage.is_open and stage.id not in draft.voided]
    return {stage.id: _due(stage, target) for stage in staying if _due(stage, target) != stage.due_on}
