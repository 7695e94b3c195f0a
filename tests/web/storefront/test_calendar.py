"""The month of a package as a couple sees it: what each day says, where it leads, and what odd addresses get."""

from datetime import UTC, date, datetime, timedelta

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from portal.availability import service
from portal.availability.rules import span
from portal.kernel import time
from tests.support import world
from tests.support.days import AT, bare_booking
from tests.support.world import Business

PACKAGE = "packages/whole-day"


def calendar(client: FlaskClient, url: str) -> Tag:
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    found = BeautifulSoup(answer.text, "html.parser").select_one("#dates")
    assert found is not None
    return found


def day(month: Tag, number: int) -> Tag:
    (found,) = [cell for cell in month.select("td > .day") if cell.select_one("[aria-hidden]").text == str(number)]  # type: ignore[union-attr]
    return found


def next_june(shop: Business) -> date:
    today = time.today(shop.tenant.timezone)
    return date(today.year + 1, 6, 1)


def title(month: Tag) -> str:
    found = month.select_one("h3")
    assert found is not None
    return found.text


def notice(month: Tag) -> str:
    found = month.select_one(".notice")
    return found.text if found else ""


def test_each_day_says_its_state_in_words_and_leads_to_the_form_or_to_its_waiting_list(
    client: FlaskClient, shop: Business
) -> None:
    june = next_june(shop)
    for offset, kinds in ((9, "held"), (11, "confirmed")):
        days = span(june + timedelta(days=offset), 1, 0)
        service.claim_days(
            shop.id, resource_id=shop.resource_id, booking_id=bare_booking(shop),
            kinds=days.held() if kinds == "held" else days.confirmed(),
        )  # fmt: skip
    service.black_out(
        shop.id, resource_id=shop.resource_id, first_on=june.replace(day=20), last_on=june.replace(day=21), at=AT
    )
    month = calendar(client, shop.url(f"{PACKAGE}?month={june:%Y-%m}"))
    for number, word in ((10, "on hold"), (12, "taken"), (20, "closed"), (21, "closed")):
        assert word in day(month, number).text
        assert (day(month, number).name == "span") is (word == "closed")
    assert day(month, 12)["href"] == shop.url(f"waitlist/whole-day?date={june:%Y-%m}-12")
    assert day(month, 12).text.endswith("taken, ask for it")
    assert "you when it becomes free" in month.text
    assert day(month, 13)["href"] == shop.url(f"book/whole-day?date={june:%Y-%m}-13")
    assert "Sunday, June 13" in day(month, 13).text or f"June 13, {june.year}, free" in day(month, 13).text


def test_a_package_of_several_days_cannot_start_right_before_a_taken_day(client: FlaskClient) -> None:
    shop = world.open_business()
    shop.package("weekend", days=2, buffer_days=1)
    june = next_june(shop)
    service.black_out(
        shop.id, resource_id=shop.resource_id, first_on=june.replace(day=20), last_on=june.replace(day=20), at=AT
    )
    month = calendar(client, shop.url(f"packages/weekend?month={june:%Y-%m}"))
    assert [day(month, number).name for number in (17, 18, 19, 20, 21)] == ["a", "span", "span", "span", "a"]
    assert "free, but not for long enough" in day(month, 18).text


def test_today_is_the_tenants_today(client: FlaskClient) -> None:
    shop = world.open_business(timezone="Pacific/Auckland")
    shop.package()
    with time.frozen(datetime(2027, 6, 11, 13, 0, tzinfo=UTC)):  # the 12th, one in the morning, in Auckland
        month = calendar(client, shop.url(PACKAGE))
    assert "past" in day(month, 11).text
    assert day(month, 12).name == "a"
    assert day(month, 12)["aria-current"] == "date"


@pytest.mark.parametrize(
    "asked",
    [
        "2027-13",
        "2027-00",
        "0000-01",
        "９",
        "２０２７-０６",
        "2027-6",
        "202706",
        "",
        "x" * 5000,
        "-1",
        "1999-12",
        "2027-06-01",
    ],
)
def test_a_month_that_makes_no_sense_or_is_over_shows_this_one_and_says_so(
    client: FlaskClient, shop: Business, asked: str
) -> None:
    with time.frozen(datetime(2026, 11, 20, 12, 0, tzinfo=UTC)):
        month = calendar(client, shop.url(f"{PACKAGE}?month={asked}"))
    assert title(month) == "November 2026"
    assert "cannot be booked" in notice(month)


@pytest.mark.parametrize("asked", ["2029-12", "2031-01", "9999-12"])
def test_a_month_too_far_ahead_shows_the_last_one_and_leads_no_further(
    client: FlaskClient, shop: Business, asked: str
) -> None:
    with time.frozen(datetime(2026, 11, 20, 12, 0, tzinfo=UTC)):
        month = calendar(client, shop.url(f"{PACKAGE}?month={asked}"))
    assert title(month) == "November 2029"
    assert "until November 2029" in notice(month)
    assert month.select_one("a.next") is None
    assert month.select_one("a.previous") is not None
    assert day(month, 20).name == "a"
    assert "not open yet" in day(month, 21).text


def test_the_first_month_leads_back_nowhere(client: FlaskClient, shop: Business) -> None:
    month = calendar(client, shop.url(PACKAGE))
    assert month.select_one("a.previous") is None
    assert notice(month) == ""


def test_a_chosen_free_date_is_marked_in_its_month(client: FlaskClient, shop: Business) -> None:
    june = next_june(shop)
    month = calendar(client, shop.url(f"{PACKAGE}?date={june:%Y-%m}-12"))
    assert title(month) == f"June {june.year}"
    assert "chosen" in day(month, 12).text
    assert notice(month) == ""


def test_a_chosen_date_that_is_taken_is_said_to_be(client: FlaskClient, shop: Business) -> None:
    taken = next_june(shop).replace(day=12)
    service.black_out(shop.id, resource_id=shop.resource_id, first_on=taken, last_on=taken, at=AT)
    month = calendar(client, shop.url(f"{PACKAGE}?date={taken}"))
    assert f"June 12, {taken.year} cannot be booked" in notice(month)


@pytest.mark.parametrize(
    "asked", ["2027-02-30", "tomorrow", "２０２７-０６-１２", "1999-01-01", "9999-12-31", "20270612", ""]
)
def test_a_date_that_makes_no_sense_is_said_to_be(client: FlaskClient, shop: Business, asked: str) -> None:
    assert "could not read that date" in notice(calendar(client, shop.url(f"{PACKAGE}?date={asked}")))


def test_htmx_gets_the_calendar_alone_and_the_same_as_in_the_page(client: FlaskClient, shop: Business) -> None:
    url = shop.url(f"{PACKAGE}?month={next_june(shop):%Y-%m}")
    fragment = client.get(url, headers={"HX-Request": "true", "HX-Target": "dates"})
    assert fragment.text.lstrip().startswith('<div class="stack" id="dates">')
    assert "HX-Request" in fragment.headers["Vary"]
    assert fragment.text in client.get(url).text


def test_a_hold_is_seen_at_once(client: FlaskClient, shop: Business) -> None:
    june = next_june(shop)
    url = shop.url(f"{PACKAGE}?month={june:%Y-%m}")
    assert day(calendar(client, url), 12).name == "a"
    booking_id = bare_booking(shop)
    service.claim_days(
        shop.id, resource_id=shop.resource_id, booking_id=booking_id, kinds=span(june.replace(day=12), 1, 0).held()
    )
    assert "on hold" in day(calendar(client, url), 12).text
    service.release_days(shop.id, booking_id=booking_id)
    assert day(calendar(client, url), 12).name == "a"


def test_weeks_begin_as_they_do_where_the_tenant_lives(client: FlaskClient) -> None:
    for locale, first in (("en_US", "Sunday"), ("en_GB", "Monday"), ("fr_FR", "lundi")):
        shop = world.open_shop(locale=locale)
        head = calendar(client, shop.url(PACKAGE)).select("th abbr")
        assert head[0]["title"] == first
