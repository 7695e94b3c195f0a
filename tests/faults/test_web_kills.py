"""``kill -9`` of web or worker at every named step between form and mail, in a site as it runs for real.

Nothing is lost, nothing is done twice, and the couple's same form goes on where it stood.
"""

from collections.abc import Iterator

import pytest

from portal.db import database
from portal.db.tenancy import platform_scope
from portal.devtools.embedded_postgres import Cluster
from portal.devtools.paths import tail
from portal.settings import Settings
from tests.support import live
from tests.support import site as sites
from tests.support.live import Couple, couple
from tests.support.site import Site, eventually

pytestmark = pytest.mark.slow
IMPATIENT = {"PACE_LEASE": "2"}


@pytest.fixture(scope="module")
def site(
    cluster: Cluster, environment: dict[str, str], connected: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site whose Stripe does not wait long before it tells something again."""
    with (
        sites.running(cluster, environment | IMPATIENT, tmp_path_factory.mktemp("site")) as running,
        live.at_its_database(running, back_to=connected.database_url),
    ):
        running.stripe.set_retry_wait(0.2, 1)
        yield running


def restart_web(site: Site, **changes: str) -> None:
    site.web.kill()
    site.start_web(**changes)


def dies(pair: Couple) -> None:
    """The process that takes the form ends in the middle of it."""
    with pytest.raises(ConnectionError):
        pair.send()


def test_killed_before_the_hold_is_committed_there_is_nothing(site: Site) -> None:
    restart_web(site, FAILPOINT="hold.before_commit")
    pair = couple(site)
    dies(pair)
    assert set(pair.rows().values()) == {0}
    restart_web(site)
    pair.book()
    pair.pay()
    pair.must_be_sold_once()


def test_killed_after_the_hold_is_committed_the_same_form_goes_on_with_it(site: Site) -> None:
    restart_web(site, FAILPOINT="hold.after_commit")
    pair = couple(site)
    dies(pair)
    assert (pair.count_of("SELECT status FROM booking"), pair.sessions()) == ("held", 0)
    held = pair.count_of("SELECT reference FROM booking")
    restart_web(site)
    pair.book()
    assert pair.count_of("SELECT reference FROM booking") == held
    pair.pay()
    pair.must_be_sold_once()


def test_killed_after_stripe_made_the_session_the_same_form_finds_it(site: Site) -> None:
    restart_web(site, FAILPOINT="checkout.after_create")
    pair = couple(site)
    dies(pair)
    assert (pair.count_of("SELECT status FROM checkout"), pair.sessions()) == ("creating", 1)
    restart_web(site)
    pair.book()
    pair.pay()
    pair.must_be_sold_once()


def test_killed_once_the_event_is_stored_a_worker_handles_it(site: Site) -> None:
    pair = couple(site)
    pair.book()
    restart_web(site, FAILPOINT="webhook.after_store")
    pair.pay()
    eventually(lambda: pair.count_of("SELECT status FROM booking") == "confirmed", tail(site.worker.log))
    restart_web(site)
    pair.must_be_sold_once()
    assert site.stripe.wait_until_delivered(60)
    with database.reading(), platform_scope(reason="a test"):
        statuses = {row.status for row in database.rows("SELECT DISTINCT status FROM webhook_event")}
    assert statuses <= {"processed", "ignored"}
    pair.must_be_sold_once()


@pytest.mark.parametrize(
    "step",
    [
        "settle.before_commit",
        "settle.after_commit",
        "webhook.before_handled",
        "message.before_send",
        "message.after_send",
    ],
)
def test_killed_in_the_worker_another_one_finishes(site: Site, step: str) -> None:
    site.worker.kill()
    site.start_worker(FAILPOINT=step)
    pair = couple(site)
    pair.book()
    pair.pay()
    eventually(lambda: site.worker.has_ended, f"the end at {step}")
    assert not pair.is_done()
    site.start_worker()
    pair.must_be_sold_once()


def test_web_and_worker_killed_again_and_again_lose_nothing(site: Site) -> None:
    pairs = [couple(site) for _ in range(3)]
    for pair in pairs:
        pair.book()
        site.worker.kill()
        pair.pay()
        restart_web(site)
        site.start_worker()
    for pair in pairs:  # the checker looks at everybody, so everybody comes to rest first
        eventually(pair.is_done, "the end of every pair")
    for pair in pairs:
        pair.must_be_sold_once()
