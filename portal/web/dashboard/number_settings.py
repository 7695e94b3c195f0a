"""Which settings are a single whole number, and the words of their pages. What they may be is for ``tenants.rules``."""

from dataclasses import dataclass

from portal.kernel.text import N_
from portal.tenants.rules import MOST_COURTESY_DAYS, MOST_CUTOFF_DAYS, MOST_UNDO_MINUTES


@dataclass(frozen=True, slots=True)
class NumberSetting:
    """One of them: the tenant's field, which is also the form's; the last part of its address; its words."""

    field: str
    path: str
    endpoint: str
    most: int
    title: str
    about: tuple[str, ...]
    label: str
    hint: str
    saved: str


SETTINGS = (
    NumberSetting(
        field="undo_minutes",
        path="undo",
        endpoint="undo_time",
        most=MOST_UNDO_MINUTES,
        title=N_("Time to take a cancellation back"),
        about=(
            N_(
                "After a cancellation the date stays taken and no money moves for this long, so that a couple can"
                " change its mind. Then the date is free, and what was shown goes back by itself."
            ),
        ),
        label=N_("Minutes"),
        hint=N_("60 is an hour; 0 switches it off; %(most)s at most."),
        saved=N_("Saved. This holds for cancellations from now on."),
    ),
    NumberSetting(
        field="courtesy_days",
        path="courtesy",
        endpoint="courtesy",
        most=MOST_COURTESY_DAYS,
        title=N_("Keeping a date without paying"),
        about=(
            N_(
                "A couple can keep a date for some days while it makes up its mind. The date is off sale meanwhile and"
                " free again by itself at the end of the last day, at the latest the day before the event. The day"
                " before it ends the couple gets a mail. A couple keeps one date at a time."
            ),
            N_("If somebody else asks for the date, the first couple has 48 hours to pay or to give it back."),
        ),
        label=N_("Days"),
        hint=N_("0 switches it off; %(most)s at most."),
        saved=N_("Saved. Dates that are kept already stay kept as it was promised."),
    ),
    NumberSetting(
        field="details_cutoff_days",
        path="details",
        endpoint="details_cutoff",
        most=MOST_CUTOFF_DAYS,
        title=N_("Changes by the couple"),
        about=(
            N_(
                "Couples change their names, phone, venue, guests and notes by themselves, at any time before the day;"
                " you get a mail each time. Their add-ons they can change until this many days before the day. What is"
                " more to pay is due with the rest; what is less comes off it, or goes back."
            ),
        ),
        label=N_("Days before the event"),
        hint=N_("0 is up to the day itself; %(most)s at most, which leaves it to you."),
        saved=N_("Saved. This holds for all bookings from now on."),
    ),
)
