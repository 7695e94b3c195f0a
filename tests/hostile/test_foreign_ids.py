"""Whatever somebody asks for with an id of another business or booking, it answers as an invented id does.

The addresses come from the URL map: a page that is added tomorrow is walked tomorrow.
"""

import re
from difflib import unified_diff
from typing import Any

import pytest

from portal.identity.roles import Role
from portal.promises.fingerprints import fingerprints
from portal.web.application import Application
from tests.hostile import forms
from tests.hostile.cast import House, Visitor, addresses, couple, forget_limits, invented, member
from tests.hostile.forms import SIGNED

_NOISE = re.compile(r'\b[0-9a-f]{16}\b|name="csrf_token" value="[^"]+"|name="nonce" value="[^"]+"')
PRIVATE = {
    "reference",
    "blackout_id",
    "quote_id",
    "request_id",
    "message_id",
    "entry_id",
    "token_id",
    "number",
    "export_id",
    "connection_id",
    "coming_id",
    "stopped_id",
}
METHODS = ("GET", "HEAD", "OPTIONS", "POST")


def heard(answer: Any, values: dict[str, object]) -> list[str]:
    """What a person learns from an answer, whatever it was that they asked for, in lines."""
    body = answer.get_data(as_text=True)
    headers = {name: value for name, value in answer.headers if name not in {"X-Request-ID", "Content-Length"}}
    headers["Set-Cookie"] = str(sorted(each.partition("=")[0] for each in answer.headers.getlist("Set-Cookie")))
    text = "\n".join([f"{answer.status_code}", *sorted(map(str, headers.items())), body])
    for name, value in values.items():
        text = text.replace(str(value), f"<{name}>")
    return _NOISE.sub("…", text).splitlines()


def learned(met: list[str], missed: list[str]) -> list[str]:
    """What an answer about something real tells and one about something invented does not, or the other way round."""
    return [line for line in unified_diff(missed, met, n=0, lineterm="") if not line.startswith(("---", "+++", "@@"))]


def ask(visitor: Visitor, method: str, endpoint: str, address: str, home: House) -> Any:
    forget_limits()
    sent = forms.fields(endpoint, home) if method == "POST" and endpoint not in SIGNED else None
    return visitor.send(method, address, sent)


def walk(app: Application, visitor: Visitor, theirs: House, slug: str, private: set[str]) -> list[tuple[str, int]]:
    """Ask for every address with something private of theirs in it, and for the same with something invented."""
    real = {**theirs.values, "slug": slug}
    false = {**real, **{name: value for name, value in invented().items() if name in private}}
    asked = []
    for method in METHODS:
        pairs = zip(addresses(app, real, method=method), addresses(app, false, method=method), strict=True)
        for (endpoint, address), (_, nowhere) in pairs:
            if address == nowhere or endpoint in SIGNED:
                continue
            answers = [ask(visitor, method, endpoint, each, theirs) for each in (address, nowhere)]
            assert learned(heard(answers[0], real), heard(answers[1], false)) == [], f"{method} {endpoint}"
            body = answers[0].get_data(as_text=True)
            assert not [secret for secret in theirs.secrets if secret in body]
            if method != "OPTIONS":
                asked.append((endpoint, answers[0].status_code))
    return asked


@pytest.fixture(params=["owner", "viewer", "couple", "stranger"])
def intruder(request: pytest.FixtureRequest, app: Application, ours: House) -> Visitor:
    """Somebody of the rival's, or nobody's."""
    match request.param:
        case "couple":
            return couple(app, ours, ours.sold)
        case "stranger":
            return Visitor("stranger", app.test_client())
        case role:
            return member(app, ours, Role(role))


def test_another_businesss_ids_answer_as_invented_ones_and_change_nothing(
    app: Application, intruder: Visitor, ours: House, theirs: House
) -> None:
    before = fingerprints()
    asked = walk(app, intruder, theirs, ours.shop.slug, {"package", *PRIVATE})
    asked += walk(app, intruder, theirs, theirs.shop.slug, PRIVATE)
    assert fingerprints() == before
    dashboard = {status for endpoint, status in asked if endpoint.startswith("dashboard.")}
    assert dashboard == ({404} if intruder.name in {"owner", "viewer"} else {303})
    assert {status for endpoint, status in asked if endpoint == "couple.manage"} >= {404}
    assert len(asked) > 20


def test_another_businesss_dashboard_answers_as_one_that_does_not_exist(
    app: Application, intruder: Visitor, theirs: House
) -> None:
    before = fingerprints()
    real, false = theirs.values, {**theirs.values, "slug": invented()["slug"]}
    statuses = set()
    for method in METHODS:
        for (endpoint, address), (_, nowhere) in zip(
            addresses(app, real, method=method, only="slug"),
            addresses(app, false, method=method, only="slug"),
            strict=True,
        ):
            if not endpoint.startswith("dashboard."):
                continue
            met, missed = (ask(intruder, method, endpoint, each, theirs) for each in (address, nowhere))
            assert learned(heard(met, real), heard(missed, false)) == [], f"{method} {endpoint}"
            statuses |= {met.status_code} if method != "OPTIONS" else set()
    assert statuses == ({404} if intruder.name in {"owner", "viewer"} else {303})
    assert fingerprints() == before


def test_a_couples_link_opens_no_other_booking_of_the_same_business(app: Application, theirs: House) -> None:
    before = fingerprints()
    asked = walk(app, couple(app, theirs, theirs.other_sold), theirs, theirs.shop.slug, {"reference"})
    assert {endpoint for endpoint, _ in asked} >= {"couple.manage", "couple.calendar", "booked.page", "booked.check"}
    after = fingerprints()
    assert {table for table in after if after[table] != before[table]} <= {"booking_action_token"}  # the couple's own


def test_what_the_owner_may_see_is_really_there(app: Application, theirs: House) -> None:
    """The walks would pass on a site without pages: its own people get them."""
    owner, own = member(app, theirs), couple(app, theirs, theirs.sold)
    for visitor, prefix in ((owner, "dashboard."), (own, "couple.")):
        found = {
            endpoint: visitor.send("GET", address).status_code
            for endpoint, address in addresses(app, theirs.values, method="GET")
            if endpoint.startswith(prefix) and "token" not in address and endpoint != "couple.enter"
        }
        assert set(found.values()) <= {200, 303}, found
        assert list(found.values()).count(200) >= 2


def test_somebody_who_may_only_look_changes_nothing(app: Application, theirs: House) -> None:
    viewer, before = member(app, theirs, Role.VIEWER), fingerprints()
    for endpoint, address in addresses(app, theirs.values, method="POST"):
        if endpoint.startswith("dashboard."):
            assert ask(viewer, "POST", endpoint, address, theirs).status_code == 404
    assert fingerprints() == before
