"""The cookie that lists the links a browser has opened: several, signed, and never their secrets."""

from uuid import UUID

from flask import Response

from portal.kernel.ids import uuid7
from portal.web import links
from portal.web.application import Application


def remembered(app: Application, *ids: UUID, cookie: str = "") -> str:
    """The cookie after opening these links one after the other."""
    for one in ids:
        with app.test_request_context("/", headers={"Cookie": f"links={cookie}"} if cookie else {}):
            answer = links.remember(Response(), one)
            cookie = answer.headers["Set-Cookie"].split("=", 1)[1].split(";")[0]
    return cookie


def held(app: Application, cookie: str) -> list[UUID]:
    with app.test_request_context("/", headers={"Cookie": f"links={cookie}"}):
        return links.held()


def test_several_bookings_share_it_the_latest_first(app: Application) -> None:
    first, second = uuid7(), uuid7()
    assert held(app, remembered(app, first, second)) == [second, first]
    assert held(app, remembered(app, first, second, first)) == [first, second]


def test_a_browser_without_it_holds_nothing(app: Application) -> None:
    with app.test_request_context("/"):
        assert links.held() == []


def test_what_somebody_wrote_into_it_counts_for_nothing(app: Application) -> None:
    cookie = remembered(app, uuid7())
    for forged in (
        cookie[:-1],
        cookie + "A",
        cookie.split(".")[0],
        "nonsense",
        "",
        "." * 50,
        "é",
        "W10.",
        cookie.swapcase(),
    ):
        assert held(app, forged.encode().decode("latin-1")) == []


def test_it_holds_as_many_as_fit_and_lets_the_oldest_go(app: Application) -> None:
    ids = [uuid7() for _ in range(25)]
    cookie = remembered(app, *ids)
    assert held(app, cookie) == list(reversed(ids))[:20]
    assert len(cookie) < 2000


def test_it_is_out_of_the_reach_of_scripts_and_other_sites(app: Application) -> None:
    with app.test_request_context("/"):
        header = links.remember(Response(), uuid7()).headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
