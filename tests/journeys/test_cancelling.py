"""A couple books, pays, cancels, thinks better of it, cancels again and gets its money: forms and links alone.

In the end the ledger is what Stripe says, cent for cent.
"""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.kernel import time
from portal.lifecycle.finish import finish
from portal.web.application import Application
from tests.support import mailroom, world
from tests.support.forms import csrf_in
from tests.support.mailroom import letters
from tests.support.till import Till, ledger, rows, till
from tests.support.world import Business
from tests.web.storefront import forms

__all__ = ["till"]
pytestmark = pytest.mark.slow


def press(client: FlaskClient, page: str, address: str, **fields: str) -> str:
    """Send a form of a page; where it leads."""
    answer = client.post(address, data={"csrf_token": csrf_in(page), **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def action(page: str, ending: str) -> str:
    """The address of the form that ends like this."""
    found = re.search(rf'action="([^"]*{ending})"', page)
    assert found, f"no form to {ending}"
    return found[1]


def cancel(client: FlaskClient, home: str, reason: str) -> None:
    start = client.get(home + "/cancel").text
    address = press(client, start, action(start, "/cancel"))
    shown = client.get(address).text
    assert "You get $" in shown
    assert press(client, shown, action(shown, r"/cancel/[0-9a-f-]+"), reason=reason, is_sure="1") == home


@pytest.mark.parametrize("account", [None, "acct_journey"])
def test_book_pay_cancel_undo_cancel_and_be_refunded(
    app: Application, till: Till, settings: Any, account: str | None
) -> None:
    if account:
        till.stripe.add_account(account)
    shop = world.open_shop(
        stripe_account_id=account, commission_percent=Decimal(5 if account else 0), deposit_percent=None
    )
    client = app.test_client()
    answer = forms.send(client, shop, forms.filled(client, shop, pay="full"))
    assert answer.status == 303, answer.text
    till.stripe.pay(re.search(r"(cs_test_\w+)", answer.answer.location)[1])  # type: ignore[index]
    till.deliver()
    ((booking_id, reference),) = rows(shop, "SELECT id, reference FROM booking")
    change_terms(shop)
    link = mailed_link(shop, settings.var_dir)
    couple = app.test_client()
    home = couple.get(link).location
    assert home == f"/manage/{reference}"
    cancel(couple, home, "We are not sure.")
    page = couple.get(home).text
    assert press(couple, page, action(page, "/undo")) == home
    assert status(shop) == "confirmed"
    cancel(couple, home, "Now we are.")
    with database.writing(shop.id):
        database.execute("UPDATE booking SET cancel_undo_until = now() - interval '1 second'")
    assert finish(shop.id, booking_id, at=time.now())
    till.work(shop)
    till.deliver(times=2)
    assert status(shop) == "cancelled"
    page = couple.get(home).text
    assert "What goes back to you" in page
    assert "Done" in page
    assert_ledger_is_stripes(till, shop, account)


def change_terms(shop: Business) -> None:
    with database.writing(shop.id):
        database.execute(
            "UPDATE booking SET policy = jsonb_set(jsonb_set(policy, '{cancellation,kept}', '\"nothing\"'),"
            " '{cancellation,tiers}', '[{\"days\": 30, \"percent\": 50}]')"
        )


def mailed_link(shop: Business, var_dir: Path) -> str:
    mailroom.drain(shop.id, but=("refund.execute",))
    text = next(each for each in reversed(letters(var_dir / "mail")) if "/m/" in each.text).text
    found = re.search(r"/m/[A-Za-z0-9_-]{43}", text)
    assert found
    return found[0]


def status(shop: Business) -> str:
    ((found,),) = rows(shop, "SELECT status FROM booking")
    return str(found)


def assert_ledger_is_stripes(till: Till, shop: Business, account: str | None) -> None:
    store = till.stripe.world.store
    found: dict[str, list[dict[str, Any]]] = {
        kind: [json.loads(row["body"]) for row in store.execute("SELECT body FROM object WHERE kind = ?", kind)]
        for kind in ("charge", "refund", "application_fee")
    }
    sums = dict.fromkeys(("capture", "refund", "fee", "fee_refund"), 0)
    for kind, cents in ledger(shop):
        sums[kind] += cents
    assert sums["capture"] == sum(each["amount_captured"] for each in found["charge"]) == 200_000
    assert -sums["refund"] == sum(each["amount"] for each in found["refund"]) == 100_000
    assert sums["fee"] == sum(each["amount"] for each in found["application_fee"]) == (10_000 if account else 0)
    assert -sums["fee_refund"] == sum(each["amount_refunded"] for each in found["application_fee"])
