"""Worked roundings: net + tax = gross in every case, and lines always add up to the printed totals."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.invoices import amounts
from portal.invoices.amounts import Sums
from portal.invoices.wanted import Content, Credit, Issue, Standing, Step, Texts, Wanted, steps
from portal.kernel.tax import TaxMode
from tests.support.documents import brooklyn, line, over

ADDED, INSIDE, NONE = TaxMode.EXCLUSIVE, TaxMode.INCLUSIVE, TaxMode.NONE

# Quantity, unit price and rate in basis points of each line; then net, tax and total, worked out by hand.
WORKED = {
    "dollars, 8.875 % on top": (ADDED, "USD", [(1, 185_000, "887.5")], (185_000, 16_419, 201_419)),  # 16,418.75
    "dollars, a half rounds up": (ADDED, "USD", [(1, 200, "25")], (200, 1, 201)),  # 0.5
    "dollars, two lines round each": (ADDED, "USD", [(1, 102, "50"), (1, 102, "50")], (204, 2, 206)),  # 0.51 twice
    "dollars, three lines of a third": (ADDED, "USD", [(3, 33, "1000"), (1, 1, "1000")], (100, 10, 110)),  # 9.9 and 0.1
    "euros, 20 % inside": (INSIDE, "EUR", [(1, 240_000, "2000")], (200_000, 40_000, 240_000)),
    "euros, 20 % inside a cent": (INSIDE, "EUR", [(1, 1, "2000")], (1, 0, 1)),  # net 0.83
    "euros, 20 % inside, half": (INSIDE, "EUR", [(1, 3, "2000")], (3, 0, 3)),  # net 2.5 rounds up
    "euros, two rates inside": (INSIDE, "EUR", [(1, 240_000, "2000"), (2, 19_900, "550")], (237_725, 42_075, 279_800)),
    "pounds, none": (NONE, "GBP", [(2, 12_345, "0")], (24_690, 0, 24_690)),
    "pounds, zero rated and not": (ADDED, "GBP", [(1, 999, "0"), (1, 999, "2000")], (1_998, 200, 2_198)),  # 199.8
    "yen, 10 % on top": (ADDED, "JPY", [(1, 98_765, "1000")], (98_765, 9_877, 108_642)),  # 9,876.5
    "yen, 8 % and 10 % inside": (INSIDE, "JPY", [(1, 1_080, "800"), (1, 1_001, "1000")], (1_910, 171, 2_081)),
    "dinars of three decimals, 19 %": (ADDED, "TND", [(1, 1_234_567, "1900")], (1_234_567, 234_568, 1_469_135)),
    "dinars inside": (INSIDE, "KWD", [(7, 1_001, "500")], (6_673, 334, 7_007)),  # net 6,673.33
}


@pytest.mark.parametrize("case", WORKED)
def test_a_worked_rounding(case: str) -> None:
    mode, currency, of, (net, tax, total) = WORKED[case]
    lines = tuple(line("Day", quantity, cents, rate, mode) for quantity, cents, rate in of)
    document = replace(over(brooklyn(), *lines), currency=currency, tax_mode=mode)
    assert (document.net_cents, document.tax_cents, document.total_cents) == (net, tax, total)
    assert all(each.net_cents + each.tax_cents == each.gross_cents for each in lines)
    assert sum(row.net_cents for row in document.taxes) == net
    assert sum(row.tax_cents for row in document.taxes) == tax


def test_a_line_that_does_not_add_up_is_refused() -> None:
    wrong = replace(line("Day", 1, 100, "0", NONE), gross_cents=101)
    with pytest.raises(ValueError, match="Day: 100 \\+ 0 is not 101"):
        amounts.sums([wrong])


LINES = st.lists(
    st.builds(
        lambda quantity, cents, rate: (quantity, cents, rate),
        st.integers(1, 9),
        st.integers(1, 500_000),
        st.sampled_from(["0", "550", "887.5", "2000"]),
    ),
    min_size=1,
    max_size=6,
)
MODES = st.sampled_from([ADDED, INSIDE])
TEXTS = Texts(kept="Kept", not_kept="Not kept", taken_back="Taken back")


@given(LINES, MODES, st.data())
def test_what_is_kept_adds_up_and_is_nowhere_more_than_there_was(
    of: list[tuple[int, int, str]], mode: TaxMode, data: st.DataObject
) -> None:
    whole = amounts.by_rate(line("Day", *each, mode) for each in of)
    total = sum(each.total_cents for each in whole.values())
    kept_cents = data.draw(st.integers(0, total))
    kept = amounts.kept(whole, kept_cents)
    assert sum(each.total_cents for each in kept.values()) == kept_cents
    for rate, each in kept.items():
        assert 0 <= each.net_cents <= whole[rate].net_cents
        assert 0 <= each.tax_cents <= whole[rate].tax_cents


def after(standing: Standing | None, done: list[Step]) -> Standing | None:
    """What stands once the steps were carried out."""
    for step in done:
        if isinstance(step, Issue):
            standing = Standing(over(brooklyn(), *step.lines), ())
        else:
            assert standing is not None
            standing = Standing(standing.invoice, (*standing.credits, over(brooklyn(), *step.lines)))
    return standing


@given(st.lists(st.tuples(LINES, st.none() | st.integers(0, 1_000_000)), min_size=1, max_size=5), MODES)
def test_whatever_happens_the_documents_come_to_what_should_stand_and_then_rest(
    story: list[tuple[list[tuple[int, int, str]], int | None]], mode: TaxMode
) -> None:
    standing: Standing | None = None
    for of, kept_cents in story:
        lines = tuple(line("Day", *each, mode) for each in of)
        total = amounts.sums(lines).total_cents
        kept = None if kept_cents is None else min(kept_cents, total)
        plain = brooklyn()
        content = Content(plain.customer.name, plain.service.first_on, plain.service.last_on, "USD", mode, lines)
        if standing is not None:
            standing = Standing(replace(standing.invoice, tax_mode=mode), standing.credits)
        wanted = Wanted(content, kept)
        done = steps(wanted, standing, TEXTS)
        standing = after(standing, done)
        if standing is not None:
            standing = Standing(replace(standing.invoice, tax_mode=mode), standing.credits)
        left = standing.left if standing else {}
        assert sum(each.total_cents for each in left.values()) == (total if kept is None else kept)
        assert all(each.net_cents >= 0 and each.tax_cents >= 0 for each in left.values())
        assert steps(wanted, standing, TEXTS) == []
        assert all(step.lines for step in done if isinstance(step, Credit))


def test_nothing_is_left_of_what_was_taken_back_whole() -> None:
    whole = {Decimal(0): Sums(5, 0), Decimal(2000): Sums(10, 2)}
    assert amounts.minus(whole, [whole]) == {}
    assert amounts.minus(whole, [{Decimal(0): Sums(5, 0)}]) == {Decimal(2000): Sums(10, 2)}
