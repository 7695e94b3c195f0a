"""Other add-ons for what is sold: what was sold keeps its price, what comes on top costs what it costs today."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from portal.bookings import add_ons, pricing
from portal.bookings.pricing import PricedLine
from portal.bookings.queries import LineView
from portal.catalog.queries import AddOnView
from portal.kernel.tax import TaxMode

ALBUM, FILM = uuid4(), uuid4()
KEYS = st.sampled_from([ALBUM, FILM])
RATE = Decimal("887.5")


def offered(key: UUID = ALBUM, cents: int = 30_000, *, most: int = 3) -> AddOnView:
    return AddOnView(key, "Album" if key == ALBUM else "Film", "", cents, RATE, most)


def as_view(made: PricedLine) -> LineView:
    return LineView(**{name: getattr(made, name) for name in LineView.__slots__})


def line(key: UUID | None, quantity: int = 1, cents: int = 30_000) -> LineView:
    add_on = AddOnView(key or uuid4(), "Sold", "", cents, RATE, 9)
    made = pricing.add_on_line(add_on, quantity, TaxMode.EXCLUSIVE)
    return replace(as_view(made), add_on_id=key)


def relined(lines: list[LineView], wanted: dict[UUID, int], *offers: AddOnView) -> list[tuple[UUID | None, int, int]]:
    made = add_ons.relined(lines, wanted, offers, TaxMode.EXCLUSIVE)
    for each in made:
        assert each.net_cents == each.unit_cents * each.quantity
        assert each.net_cents + each.tax_cents == each.gross_cents
    return [(each.add_on_id, each.quantity, each.unit_cents) for each in made]


PACKAGE = line(None, cents=200_000)


def test_more_of_the_same_at_the_same_price_is_the_same_line() -> None:
    made = relined([PACKAGE, line(ALBUM)], {ALBUM: 3}, offered())
    assert made == [(None, 1, 200_000), (ALBUM, 3, 30_000)]


def test_what_comes_on_top_costs_what_it_costs_today() -> None:
    made = relined([PACKAGE, line(ALBUM, 2)], {ALBUM: 3}, offered(cents=35_000))
    assert made == [(None, 1, 200_000), (ALBUM, 2, 30_000), (ALBUM, 1, 35_000)]


def test_what_is_taken_back_is_taken_from_the_newest_line() -> None:
    lines = [PACKAGE, line(ALBUM, 2), line(ALBUM, 1, 35_000)]
    assert relined(lines, {ALBUM: 2}, offered()) == [(None, 1, 200_000), (ALBUM, 2, 30_000)]
    assert relined(lines, {ALBUM: 1}, offered()) == [(None, 1, 200_000), (ALBUM, 1, 30_000)]
    assert relined(lines, {ALBUM: 0}, offered()) == [(None, 1, 200_000)]


def test_what_nobody_named_stays_as_it_was_sold() -> None:
    lines = [PACKAGE, line(ALBUM, 2), line(None, cents=5_000)]
    made = add_ons.relined(lines, {FILM: 1}, [offered(FILM, 80_000)], TaxMode.EXCLUSIVE)
    assert [as_view(each) for each in made[:3]] == lines
    assert (made[3].add_on_id, made[3].unit_cents) == (FILM, 80_000)


def test_what_is_no_longer_offered_can_become_fewer_and_never_more() -> None:
    (choice,) = add_ons.choices([PACKAGE, line(FILM, 2)], [], may_be_fewer=True)
    assert (choice.least, choice.quantity, choice.most, choice.price_cents) == (0, 2, 2, None)
    assert choice.field in add_ons.faults({FILM: 3}, [choice])
    assert add_ons.faults({FILM: 1}, [choice]) == {}
    assert relined([PACKAGE, line(FILM, 2)], {FILM: 1}) == [(None, 1, 200_000), (FILM, 1, 30_000)]


def test_where_the_terms_keep_add_ons_they_can_only_become_more() -> None:
    (choice,) = add_ons.choices([PACKAGE, line(ALBUM, 2)], [offered()], may_be_fewer=False)
    assert (choice.least, choice.most) == (2, 3)
    assert choice.field in add_ons.faults({ALBUM: 1}, [choice])


def test_what_was_never_offered_is_refused() -> None:
    assert "" in add_ons.faults({FILM: 1}, add_ons.choices([PACKAGE], [offered()], may_be_fewer=True))
    assert add_ons.faults({FILM: 0}, []) == {}


@given(
    sold=st.lists(st.tuples(KEYS, st.integers(1, 5), st.sampled_from([100, 333])), max_size=4),
    wanted=st.dictionaries(KEYS, st.integers(0, 9)),
    today=st.sampled_from([100, 333, 999]),
)
def test_there_are_as_many_as_were_asked_for(
    sold: list[tuple[UUID, int, int]], wanted: dict[UUID, int], today: int
) -> None:
    lines = [PACKAGE, *(line(key, quantity, cents) for key, quantity, cents in sold)]
    before = {key: sum(count for which, count, _ in sold if which == key) for key in (ALBUM, FILM)}
    made = relined(lines, wanted, offered(ALBUM, today, most=9), offered(FILM, today, most=9))
    for key in (ALBUM, FILM):
        assert sum(count for which, count, _ in made if which == key) == wanted.get(key, before[key])
    assert made[0] == (None, 1, 200_000)
    assert all(count > 0 for _, count, _ in made)
