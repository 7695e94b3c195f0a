"""P29: a token that is stored, and a link that opens more than it should, are seen."""

from copy import copy
from datetime import timedelta
from uuid import UUID

import pytest

from portal.bookings import queries, tokens
from portal.bookings.states import LinkAction
from portal.db import database
from portal.kernel import time
from portal.promises import checker
from portal.promises.violations import Violation
from portal.web.visits import Visits
from tests.promises.conftest import Proof
from tests.promises.story import Story

pytestmark = pytest.mark.slow
ENDS = ("used_at = now()", "revoked_at = now()", "expires_at = now() - interval '1 second'")


def told(proof: Proof) -> list[Violation]:
    return checker.checks(proof.app, Visits(proof.app))["P29"](time.now())


def links_to(shop_id: UUID, booking_id: UUID) -> list[str]:
    """A link of every purpose that works, and one of each for every way in which a link ends; the raw tokens."""
    minted = []
    for end in ("", *ENDS):
        for action in LinkAction:
            made = tokens.mint(shop_id, booking_id, action=action, recipient="anna@couple.example", at=time.now())
            minted.append(made.raw)
            if end:
                with database.writing(shop_id):
                    database.execute(f"UPDATE booking_action_token SET {end} WHERE id = %s", made.token_id)
    return minted


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    """One link of each kind is enough here."""
    monkeypatch.setattr("portal.promises.links._EACH", 1)


@pytest.fixture
def raw(proof: Proof) -> list[str]:
    """The links of one of two bookings."""
    story = Story(proof.till, proof.shop)
    first = story.sell()
    second = story.sell(first_partner="Clementine", email="clementine@others.example", venue="The Lighthouse")
    links_to(proof.shop.id, second.booking_id)
    return links_to(proof.shop.id, first.booking_id)


def test_p29_holds_for_links_of_every_purpose_and_every_end(proof: Proof, raw: list[str]) -> None:
    assert told(proof) == []


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("UPDATE booking SET notes = 'http://localhost/m/{raw}'", "booking"),
        ("UPDATE outbox SET payload = jsonb_build_object('link', 'https://x.example/m/{raw}?to=pay')", "outbox"),
        ("UPDATE booking_event SET details = jsonb_build_object('token', 'id-{raw}')", "booking_event"),
        ("UPDATE message SET failure = '{raw}-and-more'", "message"),
    ],
)
def test_p29_sees_a_raw_token_wherever_it_is_stored(
    proof: Proof, raw: list[str], statement: str, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.promises.links._open", lambda *_: [])
    if subject == "message":
        proof.tamper(
            "INSERT INTO message (id, tenant_id, subject_type, subject_id, kind, slot, recipient, audience, status,"
            " created_at) SELECT gen_random_uuid(), tenant_id, 'booking', id, 'confirmation', 's', 'a@b.example',"
            " 'couple', 'sent', now() FROM booking"
        )
    proof.tamper(statement.format(raw=raw[0]))
    assert [(each.promise, each.subject) for each in told(proof)] == [("P29", subject)]


@pytest.mark.parametrize(
    ("mutant", "subject"),
    [
        ("UPDATE booking_action_token SET token_hash = token_hash || '\\x00'", None),
        ("ALTER TABLE login_session ALTER token_hash DROP NOT NULL", "login_session.token_hash"),
        ("ALTER TABLE account_token ALTER token_hash TYPE text USING ''", "account_token.token_hash"),
    ],
)
def test_p29_sees_a_token_that_is_kept_as_something_else(
    proof: Proof, raw: list[str], mutant: str, subject: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.promises.links._open", lambda *_: [])
    proof.tamper(mutant)
    found = told(proof)
    assert found
    assert {each.subject for each in found} == {subject} or subject is None


# What the statement that finds a browser's booking asks of a link.
CONDITIONS = {
    "ended": " AND k.revoked_at IS NULL",
    "used": " AND (k.used_at IS NULL OR k.action = ANY ($6))",
    "expired": " AND k.expires_at > $4",
    "of another booking": " AND k.booking_id = b.id",
    "for another purpose": " AND k.action = ANY ($5)",
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_p29_sees_a_link_that_opens_more_than_it_should(
    proof: Proof, raw: list[str], condition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutant = copy(queries._BY_LINK)
    assert mutant._prepare.count(CONDITIONS[condition]) == 1
    # Its parameters are still all spoken of, so that each keeps its place.
    mutant._prepare = mutant._prepare.replace(
        CONDITIONS[condition], " AND ($4 IS NOT NULL OR $5 IS NOT NULL OR $6 IS NOT NULL)"
    )
    for name in ("_prepare", "_execute"):
        setattr(mutant, name, getattr(mutant, name).replace(mutant._name, f"{mutant._name}m"))
    mutant._name += "m"
    monkeypatch.setattr(queries, "_BY_LINK", mutant)
    found = told(proof)
    assert {each.promise for each in found} == {"P29"}
    assert all("shows " in each.what for each in found)
    if condition in {"ended", "used", "expired"}:
        assert all(f"to the {condition} " in each.what for each in found)


def test_p29_sees_a_link_that_outlives_its_end(proof: Proof, raw: list[str]) -> None:
    proof.tamper("UPDATE booking_action_token SET expires_at = now() + interval '1 hour'")
    at = time.now() + timedelta(hours=2)
    assert checker.checks(proof.app, Visits(proof.app))["P29"](at) != []  # the browsers' clock lags behind
