"""What a quote of a move says: everything that is shown of it, as JSON, and read back when it is done.

Of a pair the first is as it was, the second as it will be.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from portal.bookings import pricing
from portal.bookings.changing import Place
from portal.bookings.pricing import Price, PricedLine
from portal.bookings.queries import BookingView
from portal.bookings.quotes import Quote
from portal.lifecycle import repricing
from portal.lifecycle.overview import Overview
from portal.payments.restaging import Part, Restaging, Stage, after
from portal.payments.states import StageStatus


def result(
    view: BookingView, account: Overview, place: Place, price: Price, restaging: Restaging, *, fee_cents: int
) -> dict[str, Any]:
    """What a move will do."""
    return {
        "event_on": [view.event_on.isoformat(), place.event_on.isoformat()],
        "days": [view.days, place.days],
        "buffer_days": place.buffer_days,
        "resource_id": str(place.resource_id),
        "package_id": str(place.package_id),
        "package": [view.package_name, place.package_name],
        "fee_cents": fee_cents,
        **money(view, account, price, restaging),
    }


def money(view: BookingView, account: Overview, price: Price, restaging: Restaging) -> dict[str, Any]:
    """What becomes of price, stages and payments. ``is_first`` is paid before anything changes."""
    paid = [stage for stage in account.stages if stage.status in {StageStatus.COMPLETED, StageStatus.REFUNDED}]
    open_ = [
        Stage(each.id, number, each.type, each.amount_cents, each.due_on, each.status)
        for number, each in enumerate(account.stages)
    ]
    return {
        "total_cents": [view.total_cents, price.total_cents],
        "net_cents": price.net_cents,
        "tax_cents": price.tax_cents,
        "lines": [_shown_line(line) for line in price.lines],
        "stages": [
            *(_shown_part(Part(each.type, each.amount_cents, each.due_on), is_paid=True) for each in paid),
            *(_shown_part(part, is_first=True) for part in restaging.first),
            *(_shown_part(part) for part in after(open_, restaging)),
        ],
        "due_now_cents": restaging.first_cents,
        "refund_cents": restaging.refund_cents,
        "refunds": [
            {"payment_id": str(part.payment_id), "amount_cents": part.cents}
            for part in repricing.parts(account, restaging)
        ],
    }


def place_of(quote: Quote) -> Place:
    """Where a quoted move leads."""
    told = quote.result
    return Place(
        event_on=date.fromisoformat(told["event_on"][1]),
        days=told["days"][1],
        buffer_days=told["buffer_days"],
        resource_id=UUID(told["resource_id"]),
        package_id=UUID(told["package_id"]),
        package_name=told["package"][1],
    )


def price_of(quote: Quote) -> Price:
    """The price of a quoted move."""
    return pricing.price_of([_line(each) for each in quote.result["lines"]])


def _shown_line(line: PricedLine) -> dict[str, Any]:
    key = line.add_on_id and str(line.add_on_id)
    return {**asdict(line), "add_on_id": key, "tax_rate_bp": str(line.tax_rate_bp)}


def _line(told: Mapping[str, Any]) -> PricedLine:
    key = told["add_on_id"] and UUID(told["add_on_id"])
    return PricedLine(**{**told, "add_on_id": key, "tax_rate_bp": Decimal(told["tax_rate_bp"])})


def _shown_part(part: Part, *, is_paid: bool = False, is_first: bool = False) -> dict[str, Any]:
    return {
        "type": part.type.value,
        "amount_cents": part.amount_cents,
        "due_on": part.due_on.isoformat(),
        "is_paid": is_paid,
        "is_first": is_first,
    }
