"""Pages and fragments: the server decides what may be asked for."""

import pytest
from flask import Response

from portal.web import htmx
from portal.web.application import Application


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HX-Request": "false"},
        {"HX-Request": "true", "HX-Boosted": "true"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
    ],
)
def test_a_browser_gets_a_whole_page(app: Application, headers: dict[str, str]) -> None:
    with app.test_request_context("/", headers=headers):
        assert not htmx.wants_fragment()


def test_htmx_gets_a_fragment(app: Application) -> None:
    with app.test_request_context("/", headers={"HX-Request": "true"}):
        assert htmx.wants_fragment()


def test_a_view_can_ask_for_which_element(app: Application) -> None:
    with app.test_request_context("/", headers={"HX-Request": "true", "HX-Target": "dates"}):
        assert htmx.wants_fragment("dates")
        assert not htmx.wants_fragment("summary")


def test_after_a_post_a_browser_is_sent_on_and_htmx_is_told_where(app: Application) -> None:
    with app.test_request_context("/"):
        answer = htmx.see_other("/next")
        assert (answer.status_code, answer.location) == (303, "/next")
    with app.test_request_context("/", headers={"HX-Request": "true"}):
        answer = htmx.see_other("/next")
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/next")


@pytest.mark.parametrize("swap", ["outerHTML", "beforebegin", "afterbegin"])
def test_every_swap_of_htmx_can_be_asked_for(swap: str) -> None:
    answer = htmx.retarget(Response("x"), target="#summary", swap=swap)
    assert answer.headers["HX-Reswap"] == swap
    assert answer.headers["HX-Retarget"] == "#summary"
