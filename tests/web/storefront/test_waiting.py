"""The page behind the link of a mail: who may see it, what it says, leaving, and what never happens there."""

from uuid import UUID, uuid4

from flask.testing import FlaskClient

from portal.availability import waitlist_links
from portal.db import database
from portal.kernel import time
from portal.promises.fingerprints import fingerprints
from portal.web.application import Application
from tests.support import sold
from tests.support.couples import in_half_a_year
from tests.support.people import csrf_token
from tests.support.queues import entry, free, join, serve, statuses
from tests.support.world import Business


def opened(app: Application, shop: Business, entry_id: UUID) -> FlaskClient:
    """A browser that has opened the link of an entry."""
    client = app.test_client()
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    assert client.get(f"/w/{raw}").status_code == 302
    return client


def test_who_has_the_link_can_leave_and_nobody_else(app: Application, client: FlaskClient, shop: Business) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    page = shop.url(f"waiting/{entry_id}")
    token = csrf_token(client, shop.url("waitlist/whole-day"))
    assert client.post(f"{page}/leave", data={"csrf_token": token}).status_code == 404
    assert statuses(shop) == {"Zoe": "waiting"}
    mine = opened(app, shop, entry_id)
    for _ in range(2):  # the second press is a page that says how things stand
        answer = mine.post(f"{page}/leave", data={"csrf_token": csrf_token(mine, shop.url("waitlist/whole-day"))})
        assert answer.status_code == 303
        assert "You are not on the list any more" in mine.get(answer.location).text
    assert statuses(shop) == {"Zoe": "left"}


def test_a_stranger_gets_one_page_for_every_entry(
    client: FlaskClient, app: Application, shop: Business, rival: Business
) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    sold.sell(rival)
    theirs = opened(app, rival, join(rival))
    for visitor in (client, theirs):
        real, invented = (visitor.get(shop.url(f"waiting/{each}")) for each in (entry_id, uuid4()))
        assert real.status_code == invented.status_code == 404
        assert real.text == invented.text
    mine = opened(app, shop, entry_id)
    assert mine.get(rival.url(f"waiting/{entry_id}")).status_code == 404


def test_a_link_that_is_cut_or_invented_or_has_ended_shows_nothing(
    client: FlaskClient, app: Application, shop: Business
) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    ended = waitlist_links.mint(shop.id, entry_id, at=time.now())
    mine = opened(app, shop, entry_id)
    with database.writing(shop.id):
        database.execute(
            "UPDATE waitlist_token SET expires_at = now() - interval '1 second' WHERE token_hash <> %s", b""
        )
    answers = [client.get(f"/w/{text}") for text in (ended, raw[:-1], raw + "a", raw.swapcase(), "x" * 43)]
    assert {answer.status_code for answer in answers} == {410}
    assert shop.tenant.name not in "".join(answer.text for answer in answers)
    assert mine.get(shop.url(f"waiting/{entry_id}")).status_code == 404


def test_looking_a_hundred_times_changes_no_row(app: Application, shop: Business) -> None:
    sold.sell(shop)
    entry_id = join(shop)
    raw = waitlist_links.mint(shop.id, entry_id, at=time.now())
    client = app.test_client()
    before = fingerprints()
    for _ in range(50):
        for method in ("GET", "HEAD"):
            answer = client.open(f"/w/{raw}", method=method)
            assert raw not in answer.location
            client.open(answer.location, method=method)
    assert fingerprints() == before


def test_an_offer_that_has_run_out_is_not_shown_as_kept(app: Application, shop: Business) -> None:
    booked = sold.sell(shop)
    entry_id = join(shop)
    free(shop, booked)
    serve(shop)
    mine = opened(app, shop, entry_id)
    assert "Your date is free" in mine.get(shop.url(f"waiting/{entry_id}")).text
    with database.writing(shop.id):
        database.execute("UPDATE waitlist_entry SET offer_ends_at = now() - interval '1 second'")
    assert "The date has gone on to others" in mine.get(shop.url(f"waiting/{entry_id}")).text
    assert mine.get(shop.url(f"book/whole-day?date={in_half_a_year(shop)}")).status_code == 409
    assert entry(shop, entry_id).status == "offered"
