"""The owner sets terms: what is saved, what is refused at which field, who may, and what the example says."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bookings.policy.cancellation import Kept, Tier
from portal.bookings.policy.documents import cancellation_policy, move_policy
from portal.bookings.policy.moving import MovePrice
from portal.catalog import queries as catalog
from portal.db import database
from portal.identity.roles import Role
from portal.tenants import queries as tenants
from portal.web.application import Application
from tests.support import people, world
from tests.support.statements import statements
from tests.support.world import Business

FORM = {
    "tier_days_1": "30",
    "tier_percent_1": "50",
    "tier_days_3": "120",  # rows come in any order
    "tier_percent_3": "100",
    "kept": "fee",
    "booking_fee": "150",
    "flat_fee": "25.50",
    "add_ons_days": "14",
    "cooling_off_days": "3",
    "rebooked_percent": "40",
    "cutoff_days": "45",
    "free_moves": "2",
    "move_fee_1": "50.00",
    "move_fee_2": "80",
    "farthest_days": "",
    "price": "new",
    "may_change_package": "1",
}


def address(shop: Business, package: str = "") -> str:
    return f"/dashboard/{shop.slug}/settings/terms" + (f"/{package}" if package else "")


def send(client: FlaskClient, shop: Business, package: str = "", *, hx: str = "", **changes: Any) -> TestResponse:
    token = people.csrf_token(client, address(shop, package))
    fields = {name: text for name, text in {**FORM, **changes}.items() if text is not None}
    headers = {"HX-Request": "true", "HX-Target": hx} if hx else {}
    return client.post(address(shop, package), data={**fields, "csrf_token": token}, headers=headers)


def words(answer: TestResponse, part: str = "body") -> str:
    found = BeautifulSoup(answer.text, "html.parser").select_one(part)
    return " ".join(found.get_text(" ").split()) if found else ""


def stored(shop: Business) -> tuple[Any, Any]:
    with database.reading(shop.id):
        tenant = tenants.get(shop.id)
    return cancellation_policy(tenant.cancellation_policy), move_policy(tenant.move_policy)


@pytest.fixture
def owner(app: Application, shop: Business) -> FlaskClient:
    return people.logged_in(app, people.person(shop.id))


def test_what_the_owner_saves_is_stored_and_stands_in_the_form_again(owner: FlaskClient, shop: Business) -> None:
    answer = send(owner, shop)
    assert answer.status_code == 303
    cancelling, moving = stored(shop)
    assert cancelling.tiers == (Tier(120, 100), Tier(30, 50))
    assert (cancelling.kept, cancelling.booking_fee_cents, cancelling.flat_fee_cents) == (Kept.FEE, 15_000, 2_550)
    assert (cancelling.add_ons_days, cancelling.cooling_off_days, cancelling.rebooked_percent) == (14, 3, 40)
    assert (moving.cutoff_days, moving.free_moves, moving.fees_cents) == (45, 2, (5_000, 8_000))
    assert (moving.farthest_days, moving.price, moving.may_change_package) == (None, MovePrice.NEW, True)
    page = owner.get(answer.location)
    assert "These terms hold for bookings from now on" in page.text
    assert "What you save holds for bookings from now on." in page.text
    fields = {each["name"]: each.get("value") for each in BeautifulSoup(page.text, "html.parser").select("input.input")}
    assert (fields["tier_days_1"], fields["tier_days_2"], fields["flat_fee"]) == ("120", "30", "25.50")


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"tier_percent_1": "100"}, "tier_percent_1", "says the same"),
        ({"tier_percent_3": "40"}, "tier_percent_1", "cannot give back more"),
        ({"tier_days_1": "120"}, "tier_days_3", "stands here twice"),
        ({"tier_percent_1": ""}, "tier_percent_1", "fill this in"),
        ({"tier_percent_1": "101"}, "tier_percent_1", "between 0 and 100"),
        ({"tier_percent_1": "100.5"}, "tier_percent_1", "whole number"),
        ({"tier_days_1": "-1"}, "tier_days_1", "whole number"),
        ({"tier_days_1": "٣٠"}, "tier_days_1", "whole number"),
        ({"booking_fee": ""}, "booking_fee", "give the fee that you keep"),
        ({"booking_fee": "2000.01"}, "booking_fee", "more than the price of $2,000.00"),
        ({"flat_fee": "1e5"}, "flat_fee", "in digits"),
        ({"flat_fee": "NaN"}, "flat_fee", "in digits"),
        ({"flat_fee": "1_000"}, "flat_fee", "in digits"),
        ({"flat_fee": "-0"}, "flat_fee", "in digits"),
        ({"flat_fee": "1,50"}, "flat_fee", "after a point: 1.50"),
        ({"flat_fee": "1.505"}, "flat_fee", "2 decimals"),
        ({"flat_fee": "9" * 999}, "flat_fee", "in digits"),
        ({"kept": "everything"}, "kept", "choose one of these"),
        ({"rebooked_percent": "101"}, "rebooked_percent", "between 0 and 100"),
        ({"rebooked_percent": "12.5"}, "rebooked_percent", "whole number"),
        ({"rebooked_percent": "-1"}, "rebooked_percent", "whole number"),
        ({"cutoff_days": ""}, "cutoff_days", "fill this in"),
        ({"move_fee_2": "10"}, "move_fee_2", "cannot cost less"),
        ({"move_fee_1": "", "move_fee_2": "0"}, "move_fee_2", "more than nothing"),
        ({"farthest_days": "0"}, "farthest_days", "between 1 and 1095"),
        ({"flat_fee": ["1", "2"]}, "flat_fee", "arrived twice"),
    ],
)
def test_terms_without_sense_are_refused_at_their_field_and_nothing_is_saved(
    owner: FlaskClient, shop: Business, changes: dict[str, Any], field: str, sentence: str
) -> None:
    before = stored(shop)
    answer = send(owner, shop, **changes)
    assert answer.status_code == 422
    assert sentence in words(answer, f"#f-{field}-error")
    assert f'value="{FORM["add_ons_days"]}"' in answer.text
    assert stored(shop) == before


def test_a_deposit_that_is_not_asked_for_cannot_be_kept(app: Application) -> None:
    shop = world.open_shop(deposit_percent=None)
    owner = people.logged_in(app, people.person(shop.id))
    answer = send(owner, shop, kept="deposit")
    assert "there is none to keep" in words(answer, "#f-kept-error")


def test_a_comma_is_a_decimal_sign_where_people_write_one(app: Application) -> None:
    shop = world.open_shop(locale="fr_FR", currency="EUR", timezone="Europe/Paris")
    owner = people.logged_in(app, people.person(shop.id))
    assert send(owner, shop, flat_fee="25,5").status_code == 303
    assert stored(shop)[0].flat_fee_cents == 2_550
    assert 'value="25,50"' in owner.get(address(shop)).text


@pytest.mark.parametrize("role", [Role.STAFF, Role.VIEWER])
def test_only_the_owner_changes_terms_the_others_look(app: Application, shop: Business, role: Role) -> None:
    member = people.logged_in(app, people.person(shop.id, role))
    before = stored(shop)
    page = member.get(address(shop)).text
    assert "Only the owner can change the terms" in page
    assert "Save these terms" not in page
    assert re.search(r"<fieldset[^>]* disabled", page)
    assert send(member, shop).status_code == 404
    assert stored(shop) == before


def test_a_rival_finds_no_terms_here(app: Application, shop: Business, rival: Business) -> None:
    stranger = people.logged_in(app, people.person(rival.id))
    assert stranger.get(address(shop)).status_code == 404
    token = people.csrf_token(stranger, address(rival))
    assert stranger.post(address(shop), data={**FORM, "csrf_token": token}).status_code == 404
    assert stranger.get(address(rival, "no-such-package")).status_code == 404


def test_a_package_has_its_own_terms_until_it_follows_the_business_again(owner: FlaskClient, shop: Business) -> None:
    def own() -> tuple[Any, Any]:
        with database.reading(shop.id):
            found = catalog.package_by_slug(shop.id, "whole-day")
        return found.cancellation_policy, found.move_policy

    assert send(owner, shop, "whole-day", own_cancellation="1", cutoff_days="nonsense").status_code == 303
    cancelling, moving = own()
    assert cancelling["booking_fee_cents"] == 15_000
    assert moving is None
    assert stored(shop)[0].booking_fee_cents == 0
    page = BeautifulSoup(owner.get(address(shop, "whole-day")).text, "html.parser")
    assert page.select_one("#f-own_cancellation[checked]") is not None
    assert page.select_one("#f-own_moving[checked]") is None
    assert send(owner, shop, "whole-day").status_code == 303
    assert own() == (None, None)


def test_the_example_follows_the_form_and_saves_nothing(owner: FlaskClient, shop: Business) -> None:
    before = stored(shop)
    page = send(owner, shop, intent="example", cooling_off_days="")
    assert page.status_code == 200
    assert "$1,824.50" in words(page, "#example")  # all of 2,000.00 but the fees
    assert "<html" in page.text
    fragment = send(owner, shop, hx="example", intent="example", cooling_off_days="", tier_percent_1="25")
    assert fragment.text.lstrip().startswith("<section")
    assert "$456.13" in words(fragment, "section")
    broken = send(owner, shop, hx="example", intent="example", tier_percent_1="250")
    assert (broken.status_code, "between 0 and 100" in words(broken, "section")) == (200, True)
    assert send(owner, shop, intent="example", tier_percent_1="250").status_code == 422
    assert stored(shop) == before


def test_the_example_tells_what_a_date_that_is_sold_again_gives(owner: FlaskClient, shop: Business) -> None:
    page = send(owner, shop, hx="example", intent="example", cooling_off_days="", flat_fee="", booking_fee="500")
    said = words(page, "section")
    assert "If others book your date after you have cancelled 40% of what was kept goes back to you as well." in said
    assert "Back if sold again" in said
    assert "$1,500.00 $500.00 $200.00" in said
    none = send(owner, shop, hx="example", intent="example", rebooked_percent="")
    assert "sold again" not in words(none, "section")
    assert "others book" not in words(none, "section")


def test_the_help_shows_the_worked_examples(owner: FlaskClient, shop: Business) -> None:
    table = words(owner.get(address(shop)), "details table")
    assert "1,800 the deposit of 900 is kept, 100% back 900" in table
    assert "1,800 nothing is kept, 100% back, late add-ons of 300 1,500" in table
    assert "day 3 of a cooling-off of 14 days 1,800" in table
    assert "80% of what is kept once the date is sold again 450, then 1,080 more" in table


def test_a_business_that_sells_nothing_yet_has_its_terms_page(app: Application) -> None:
    shop = world.open_business()
    owner = people.logged_in(app, people.person(shop.id))
    assert "$2,000.00" in words(owner.get(address(shop)), "#example")
    assert send(owner, shop).status_code == 303


def test_the_page_stays_within_its_statements(owner: FlaskClient, shop: Business) -> None:
    for number in range(10):
        shop.package(f"package-{number}")
    with statements() as said:
        owner.get(address(shop, "package-3"))
    assert len(said) <= 6
    assert len(said) == len(set(said))
