"""Stripe posts to a real server of ours, doubled and mixed up, for both kinds of accounts."""

import threading
from collections.abc import Iterator

import pytest
from werkzeug.serving import make_server

from portal.web.application import Application
from tests.support.till import ADDRESS, SECRET, Till, booking, ledger, owed
from tests.support.world import Business, open_shop


@pytest.fixture
def address(app: Application) -> Iterator[str]:
    """Where our webhook endpoint listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}{ADDRESS}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("order", ["emitted", "reversed", "shuffled"])
def test_events_of_both_kinds_of_accounts_arrive(till: Till, shop: Business, address: str, order: str) -> None:
    till.stripe.add_account(f"acct_{order}")
    connected = open_shop(stripe_account_id=f"acct_{order}")
    for is_connect in (False, True):
        till.stripe.add_endpoint(address, SECRET, is_connect=is_connect)
    till.stripe.hold_webhooks()
    till.stripe.duplicate_webhooks(2)
    holds = [(each, till.hold(each)) for each in (shop, connected)]
    for each, held in holds:
        till.pay(each, held)
    answers = till.stripe.release_webhooks(order, seed=7)
    assert {answer["answer"] for answer in answers} == {"200"}
    till.work()
    for each, held in holds:
        assert booking(each, held).status == "confirmed"
        assert ledger(each) == [("capture", 100_000)]
        assert owed(each).count("booking.confirmed") == 1
