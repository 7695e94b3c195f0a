"""Opening and changing a business: what is refused, field by field, and what is never mixed up."""

from decimal import Decimal
from uuid import UUID

import pytest

from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Conflict, Invalid, NotFound
from portal.kernel.ids import uuid7
from portal.kernel.tax import TaxMode
from portal.settings import Settings
from portal.tenants import queries, service
from portal.tenants.rules import TenantFields, checked
from tests.support import world
from tests.support.world import Business


def get(tenant_id: UUID) -> queries.TenantView:
    with database.reading(tenant_id):
        return queries.get(tenant_id)


def test_a_tenant_comes_back_as_it_was_written(connected: Settings) -> None:
    shop = world.open_business(
        currency="GBP", locale="en_GB", timezone="Europe/London", tax_mode="inclusive",
        commission_percent=Decimal("2.55"), brand_color="#aabb00", address="1 Lane\nTown",
    )  # fmt: skip
    found = get(shop.id)
    assert (found.currency, found.locale, found.timezone) == ("GBP", "en_GB", "Europe/London")
    assert found.tax_mode is TaxMode.INCLUSIVE
    assert found.commission_bp == 255
    assert found.brand_color == "#AABB00"
    assert found.created_at.tzinfo is not None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slug", "Bella"), ("slug", "-a"), ("slug", "a--b"), ("slug", "x"), ("slug", "a" * 64), ("slug", "bélla"),
        ("name", ""), ("name", "x" * 121), ("name", "a\x00b"),
        ("timezone", "Mars/Olympus"), ("timezone", "../../etc/passwd"), ("timezone", "America"), ("timezone", ""),
        ("timezone", "EuropeParis "),
        ("currency", "usd"), ("currency", "XYZ"), ("currency", "EURO"), ("currency", "KWD"),
        ("currency", "MGA"),
        ("locale", "en"), ("locale", "xx_XX"), ("locale", "fr-FR"), ("locale", "en_ZZ"),
        ("tax_mode", "sometimes"), ("deposit_percent", 0), ("deposit_percent", 100), ("balance_due_days", -1),
        ("balance_due_days", 731), ("commission_percent", Decimal("50.01")), ("stripe_account_id", "cus_1"),
        ("contact_email", "nobody"), ("contact_email", "a b@c.de"), ("brand_color", "red"), ("brand_color", "#12345"),
    ],
)  # fmt: skip
def test_a_field_that_cannot_be_is_refused_by_its_name(field: str, value: object) -> None:
    with pytest.raises(Invalid) as told:
        checked({field: value})  # type: ignore[misc]
    assert set(told.value.fields) == {field}


def test_all_faults_are_told_at_once() -> None:
    bad: TenantFields = {"slug": "!", "currency": "?", "name": "Fine"}
    with pytest.raises(Invalid) as told:
        checked(bad)
    assert set(told.value.fields) == {"slug", "currency"}


def test_what_is_missing_is_named(connected: Settings) -> None:
    with pytest.raises(Invalid) as told:
        service.create_tenant(at=time.now(), slug="nameless", name="Nameless")
    assert set(told.value.fields) == {"timezone", "currency", "locale", "contact_email"}


def test_an_address_is_given_once(shop: Business) -> None:
    with pytest.raises(Conflict):
        world.open_business(slug=shop.slug)


def test_a_stripe_account_is_given_once(shop: Business, rival: Business) -> None:
    account = f"acct_{uuid7().hex}"
    service.change_tenant(shop.id, stripe_account_id=account)
    with pytest.raises(Conflict):
        service.change_tenant(rival.id, stripe_account_id=account)


def test_every_change_of_what_is_published_raises_the_version(shop: Business) -> None:
    before = get(shop.id).published_version
    service.change_tenant(shop.id, tagline="New words")
    after = get(shop.id)
    assert after.tagline == "New words"
    assert after.published_version > before


def test_a_change_reaches_no_other_tenant(shop: Business, rival: Business) -> None:
    before = get(rival.id)
    service.change_tenant(shop.id, name="Changed")
    assert get(rival.id) == before


def test_an_unknown_tenant_is_not_found(connected: Settings) -> None:
    with pytest.raises(NotFound):
        service.change_tenant(uuid7(), name="Nobody")
    with pytest.raises(NotFound):
        get(uuid7())


def test_the_bound_tenant_sees_its_own_row_only(shop: Business, rival: Business) -> None:
    with database.reading(shop.id), pytest.raises(NotFound):
        queries.get(rival.id)
