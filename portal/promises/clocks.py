"""What a clock on the wall shows, read from the instant that is kept; nothing of our way of making it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

# No jump of a clock is longer.
_LONGEST_JUMP = timedelta(hours=2)


def shows(slot: str, due_at: datetime, zone: ZoneInfo) -> bool:
    """Whether a clock there shows the slot at the instant, or as much more as it has jumped; of two, at the first."""
    shown = due_at.astimezone(zone).replace(tzinfo=None)
    wanted = datetime.fromisoformat(slot)
    if shown == wanted:
        earlier = (due_at - _LONGEST_JUMP).astimezone(zone)
        jump = earlier.utcoffset() or timedelta()
        back = jump - (due_at.astimezone(zone).utcoffset() or timedelta())
        # The first of two: before a clock goes back it has not shown the same yet.
        return back <= timedelta() or (due_at - back).astimezone(zone).replace(tzinfo=None) != wanted
    is_skipped = shown > wanted and shown - wanted <= _LONGEST_JUMP
    before = (due_at - (shown - wanted)).astimezone(zone)
    return is_skipped and before.replace(tzinfo=None) != wanted
