"""A couple, or the business, that moves a date, for tests."""

from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg2.extras import Json

from portal.bookings.quotes import Quote
from portal.bookings.states import Actor
from portal.db import database
from portal.kernel import time
from portal.lifecycle import move
from portal.lifecycle.hold import Held
from portal.lifecycle.move import Moved, MoveWish, Requoted, ToPay
from portal.payments.checkouts import Opened
from tests.support.couples import in_half_a_year
from tests.support.sold import Sold
from tests.support.till import Till, booking, rows, stages
from tests.support.world import Business

FREELY = {"cutoff_days": 60, "free_moves": 3, "fees_cents": [], "farthest_days": None, "price": "old",
          "may_change_package": False}  # fmt: skip
FOR_A_FEE = {**FREELY, "free_moves": 0, "fees_cents": [5_000]}
Kept = Held | Sold


def terms(shop: Business, held: Kept, moving: dict[str, Any]) -> None:
    """Let a booking have been made under these terms of moving."""
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET policy = jsonb_set(policy, '{moving}', %s) WHERE id = %s", Json(moving), held.booking_id
        )


def later(shop: Business, days: int = 10) -> date:
    """A day so many after the one that couples book."""
    return in_half_a_year(shop, plus=days)


def evening(shop: Business, day: date) -> datetime:
    """An hour before midnight, at the business's place."""
    return datetime.combine(day, clock(23), ZoneInfo(shop.tenant.timezone)).astimezone(UTC)


def see(
    shop: Business, held: Kept, event_on: date | None = None, *, package: UUID | None = None,
    actor: Actor = Actor.COUPLE, at: datetime | None = None, **asked: Any,
) -> Quote:  # fmt: skip
    """What a move would do."""
    wish = MoveWish(event_on or later(shop), package)
    return move.see(shop.id, held.booking_id, wish, actor=actor, at=at or time.now(), **asked)


def confirm(shop: Business, held: Kept, quote: Quote, *, at: datetime | None = None) -> Moved | ToPay | Requoted:
    """Say yes to it."""
    return move.confirm(
        shop.id, held.booking_id, quote.id, actor=quote.actor, at=at or time.now(),
        success_url="http://localhost/paid", cancel_url="http://localhost/back",
    )  # fmt: skip


def moved(shop: Business, held: Kept, event_on: date | None = None, **asked: Any) -> Moved:
    """A move that costs nothing now, done."""
    done = confirm(shop, held, see(shop, held, event_on, **asked))
    assert isinstance(done, Moved)
    return done


def waiting(shop: Business, held: Kept, event_on: date | None = None, **asked: Any) -> Opened:
    """A move that waits for its payment, on Stripe's page."""
    done = confirm(shop, held, see(shop, held, event_on, **asked))
    assert isinstance(done, ToPay)
    assert isinstance(done.answer, Opened)
    return done.answer


def session(shop: Business, held: Kept) -> str:
    """Stripe's name for the session of the newest move."""
    newest = (
        "SELECT stripe_checkout_session_id FROM checkout WHERE booking_id = %s AND purpose = 'move'"
        " ORDER BY attempt DESC LIMIT 1"
    )
    ((found,),) = rows(shop, newest, held.booking_id)
    return str(found)


def pay(till: Till, shop: Business, held: Kept) -> None:
    """The couple pays for its move, and Stripe tells."""
    till.stripe.pay(session(shop, held))
    till.deliver()


def quotes(shop: Business) -> list[str]:
    """What became of every quote of a move."""
    return [
        status
        for (status,) in rows(shop, "SELECT status FROM change_quote WHERE kind = 'move' ORDER BY offered_at, id")
    ]


def days(shop: Business, held: Kept) -> dict[date, tuple[str, bool]]:
    """The days that a booking has: their kind, and whether they are only kept for a move."""
    found = rows(
        shop,
        "SELECT claimed_on, kind, quote_id IS NOT NULL AS is_kept FROM date_claim"
        " WHERE booking_id = %s ORDER BY claimed_on",
        held.booking_id,
    )
    return {day: (kind, is_kept) for day, kind, is_kept in found}


def event(shop: Business, kind: str) -> list[dict[str, Any]]:
    """What the timeline says of something that happened."""
    return [
        details
        for (details,) in rows(shop, "SELECT details FROM booking_event WHERE kind = %s ORDER BY sequence", kind)
    ]


def adds_up(shop: Business, held: Kept) -> bool:
    """Whether lines and stages are the total."""
    ((total, credited),) = rows(shop, "SELECT total_cents, credited_cents FROM booking WHERE id = %s", held.booking_id)
    ((lines,),) = rows(shop, "SELECT sum(gross_cents) FROM booking_line WHERE booking_id = %s", held.booking_id)
    ((staged,),) = rows(
        shop,
        "SELECT sum(amount_cents) FROM booking_payment_stage"
        " WHERE booking_id = %s AND status <> 'VOID' AND quote_id IS NULL",
        held.booking_id,
    )
    return bool(lines == total == staged - credited)


def unchanged(shop: Business, held: Held) -> bool:
    """Whether everything is as it was before anybody wanted to move."""
    now = booking(shop, held)
    return (
        (now.event_on, now.total_cents, now.moves_done, now.status) == (in_half_a_year(shop), 200_000, 0, "confirmed")
        and days(shop, held) == {in_half_a_year(shop): ("event", False)}
        and [each for each in stages(shop) if each[2] != "VOID"]
        == [("DEPOSIT", 100_000, "COMPLETED"), ("REMAINDER", 100_000, "PENDING")]
        and adds_up(shop, held)
    )


LATER = timedelta(minutes=36)
