"""Packages, add-ons and photos: what is sold is what was written, and only to those whose it is."""

from decimal import Decimal

import pytest
from peewee import IntegrityError

from portal.catalog import queries, service
from portal.db import database
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.ids import uuid7
from tests.support.world import Business


def detail(shop: Business, slug: str = "whole-day") -> queries.PackageDetail:
    with database.reading(shop.id):
        return queries.package_by_slug(shop.id, slug)


def test_a_package_comes_with_its_add_ons_and_photos_in_order(shop: Business) -> None:
    package_id = shop.packages["whole-day"]
    for at, name in ((2, "second"), (1, "first")):
        service.add_photo(shop.id, package_id, src=f"{name}.webp", alt=name, width=3, height=2, position=at)
    shop.add_on("Hour", rate_bp="887.5")
    found = detail(shop)
    assert [photo.src for photo in found.photos] == ["first.webp", "second.webp"]
    assert {add_on.name: add_on.tax_rate_bp for add_on in found.add_ons} == {
        "Album": Decimal(0),
        "Hour": Decimal("887.5"),
    }
    with database.reading(shop.id):
        (listed,) = queries.packages(shop.id)
    assert listed.photo == found.photos[0]


def test_an_add_on_is_offered_only_with_its_packages_and_while_it_is_active(shop: Business) -> None:
    other = shop.package("other")
    service.create_add_on(shop.id, name="Only there", price_cents=1, packages=[other])
    assert [add_on.name for add_on in detail(shop).add_ons] == ["Album"]
    assert [add_on.name for add_on in detail(shop, "other").add_ons] == ["Only there"]
    service.change_add_on(shop.id, shop.add_ons["Album"], is_active=False)
    assert detail(shop).add_ons == ()


def test_what_is_included_is_one_line_each(shop: Business) -> None:
    service.change_package(shop.id, shop.packages["whole-day"], included="One\n\n  Two  \n")
    assert detail(shop).included == ("One", "Two")


@pytest.mark.parametrize(
    ("field", "value"),
    [("slug", "Not so"), ("name", " "), ("base_price_cents", 0), ("base_price_cents", 100_000_001), ("days", 0),
     ("days", 31), ("buffer_days", 15), ("tax_rate_bp", Decimal(-1)), ("max_guests", 0), ("summary", "a\x07b")],
)  # fmt: skip
def test_a_field_that_cannot_be_is_refused_by_its_name(shop: Business, field: str, value: object) -> None:
    with pytest.raises(Invalid) as told:
        service.change_package(shop.id, shop.packages["whole-day"], **{field: value})
    assert set(told.value.fields) == {field}


def test_an_address_is_given_once_in_a_tenant_and_again_in_the_next(shop: Business, rival: Business) -> None:
    with pytest.raises(Conflict):
        shop.package("whole-day")
    assert detail(rival).id == rival.packages["whole-day"]


def test_a_rival_neither_reads_nor_changes_nor_uses_what_is_not_his(shop: Business, rival: Business) -> None:
    shop.package("only-here")
    with database.reading(rival.id):
        assert [package.id for package in queries.packages(shop.id)] == []
    with pytest.raises(NotFound):
        detail(rival, "only-here")
    with pytest.raises(NotFound):
        service.change_package(rival.id, shop.packages["only-here"], name="Mine now")
    with pytest.raises(NotFound):
        service.change_add_on(rival.id, shop.add_ons["Album"], name="Mine now")
    with pytest.raises(IntegrityError):
        service.create_package(rival.id, resource_id=shop.resource_id, slug="theft", name="Theft", base_price_cents=1)
    with pytest.raises(IntegrityError):
        service.create_add_on(rival.id, name="Theft", price_cents=1, packages=[shop.packages["only-here"]])


def test_a_new_tenant_has_the_resources_it_was_opened_with(shop: Business) -> None:
    hall = service.create_resource(shop.id, name="Second hall", position=1)
    with database.reading(shop.id):
        assert [resource.name for resource in queries.resources(shop.id)] == ["Calendar", "Second hall"]
        assert queries.resources(shop.id)[1].id == hall


def test_changing_nothing_that_exists_is_not_found(shop: Business) -> None:
    with pytest.raises(NotFound):
        service.change_package(shop.id, uuid7(), name="Nothing")
