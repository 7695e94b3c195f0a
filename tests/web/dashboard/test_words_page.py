"""The owner writes the emails to couples: looks at them, tries them out, saves them, and goes back to the original."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from portal.db import database
from portal.identity.roles import Role
from portal.messages.wording import rehearsal, store
from portal.messages.wording.cases import CASES
from portal.messages.wording.store import Kept
from portal.tenants.language import language
from portal.web import limits
from portal.web.application import Application
from tests.support import sold, world
from tests.support.forms import csrf_of
from tests.support.people import Person, logged_in, person
from tests.support.world import Business


def address(shop: Business, key: str = "confirmation") -> str:
    return f"/dashboard/{shop.slug}/settings/words/{key}"


def send(client: FlaskClient, shop: Business, key: str = "confirmation", **fields: str) -> Any:
    given = {"subject": "Hello {couple}", "body": "Hello {couple},\n\nsee you.", "booking": "", "intent": "save"}
    return client.post(address(shop, key), data={"csrf_token": csrf_of(client), **given, **fields})


def kept(shop: Business, who: Person, key: str = "confirmation") -> Kept:
    with database.reading(shop.id):
        return store.kept(shop.id, key, who.user_id)


def framed(client: FlaskClient, page: str) -> Any:
    found = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert found
    return client.get(found[1].replace("&amp;", "&"))


def test_the_list_leads_to_every_email(app: Application, shop: Business) -> None:
    client = logged_in(app, person(shop.id))
    page = client.get(f"/dashboard/{shop.slug}/settings/words").text
    for key in CASES:
        assert f'href="{address(shop, key)}"' in page
        assert client.get(address(shop, key)).status_code == 200, key
    assert "Your words" not in page
    assert address(shop, "").rstrip("/") in client.get(f"/dashboard/{shop.slug}/settings").text


def test_the_form_begins_with_the_original_words_in_the_language_of_the_business(app: Application) -> None:
    shop = world.open_business(locale="fr_FR")
    page = logged_in(app, person(shop.id)).get(address(shop)).text
    assert "{couple}" in page
    assert "Merci d’avoir réservé chez nous. Nous avons noté le {day} rien que pour vous" in page
    assert "Un couple inventé" in page


def test_a_look_shows_what_is_written_and_couples_get_the_words_as_they_were(app: Application, shop: Business) -> None:
    owner = person(shop.id)
    client, booking = logged_in(app, owner), sold.sell(shop)
    answer = send(client, shop, intent="look", booking=booking.reference)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "Not saved yet" in page
    assert "Hello Anna Smith &amp; Ben Jones" in page
    mail = framed(client, page)
    assert "see you." in mail.text
    assert booking.reference in mail.text
    assert "frame-ancestors 'self'" in mail.headers["Content-Security-Policy"]
    assert "/m/" not in page + mail.text
    assert kept(shop, owner).used is None
    colleague = logged_in(app, person(shop.id))
    assert "see you." not in colleague.get(address(shop)).text
    assert "Not saved yet" in client.get(f"/dashboard/{shop.slug}/settings/words").text
    send(client, shop, intent="leave")
    assert kept(shop, owner).draft is None


def test_saved_words_are_found_again_and_go_back_to_the_original(app: Application, shop: Business) -> None:
    owner = person(shop.id)
    client = logged_in(app, owner)
    original = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", client.get(address(shop)).text, re.DOTALL)
    assert original
    assert send(client, shop).status_code == 303
    assert "see you." in client.get(address(shop)).text
    assert "Your words" in client.get(f"/dashboard/{shop.slug}/settings/words").text
    assert send(client, shop, intent="reset").status_code == 303
    assert kept(shop, owner).used is None
    assert original[1] in client.get(address(shop)).text


def test_the_original_words_saved_as_they_are_are_no_words_of_the_business(app: Application, shop: Business) -> None:
    owner = person(shop.id)
    client = logged_in(app, owner)
    ours = rehearsal.our_words(language(shop.tenant.locale, shop.tenant.timezone), CASES["moved"])
    for intent in ("save", "look", "test"):
        send(client, shop, "moved", subject=ours.subject, body=ours.body, intent=intent)
        assert kept(shop, owner, "moved") == Kept(None, None, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [("subject", ""), ("subject", "Hi {copule}"), ("subject", "One\r\nBcc: evil@evil.example"), ("subject", "x" * 151),
     ("body", ""), ("body", "Hi {copule}"), ("body", "Hi {couple"), ("body", "{amount}"), ("body", "x" * 4001)],
)  # fmt: skip
@pytest.mark.parametrize("intent", ["save", "look", "test"])
def test_what_cannot_be_filled_in_is_told_at_its_field_and_not_kept(
    app: Application, shop: Business, name: str, text: str, intent: str
) -> None:
    owner = person(shop.id)
    client = logged_in(app, owner)
    send(client, shop, subject="Before", body="Before")
    answer = send(client, shop, **{name: text, "intent": intent})
    assert answer.status_code == 422
    assert f'id="f-{name}-error"' in answer.text
    assert "Nothing was saved" in answer.text
    used = kept(shop, owner).used
    assert used is not None
    assert (used.subject, used.body, kept(shop, owner).draft) == ("Before", "Before", None)


def test_only_the_owner_writes_and_everybody_there_may_look(app: Application, shop: Business) -> None:
    booking = sold.sell(shop)
    for role in (Role.STAFF, Role.VIEWER):
        who = person(shop.id, role)
        client = logged_in(app, who)
        page = client.get(address(shop) + f"?booking={booking.reference}").text
        assert "Anna Smith" in page
        assert 'value="save"' not in page
        for intent in ("save", "look", "test", "leave", "reset"):
            assert send(client, shop, intent=intent).status_code == 404
        assert kept(shop, who) == Kept(None, None, None)


def test_a_booking_of_another_business_and_an_invented_email_are_not_there(
    app: Application, shop: Business, rival: Business
) -> None:
    theirs, client = sold.sell(rival), logged_in(app, person(shop.id))
    for path in (f"?booking={theirs.reference}", f"/mail?booking={theirs.reference}", "?booking=%3Cscript%3E"):
        assert client.get(address(shop) + path).status_code == 404
    for path in (address(shop, "nothing"), address(shop, "nothing") + "/mail", address(rival)):
        assert client.get(path).status_code == 404
    assert send(client, shop, "nothing").status_code == 404


def test_tests_are_sent_to_who_asks_five_times_in_ten_minutes(app: Application, shop: Business) -> None:
    limits._in_process.cache_clear()
    owner = person(shop.id)
    client = logged_in(app, owner)
    for _ in range(5):
        answer = send(client, shop, intent="test")
        assert answer.status_code == 303
    assert owner.email in client.get(answer.headers["Location"]).text
    assert send(client, shop, intent="test").status_code == 429
    with database.reading(shop.id):
        owed = database.rows("SELECT subject_id, payload FROM outbox WHERE kind = 'wording.test'")
    assert {row.subject_id for row in owed} == {owner.user_id}
    assert len(owed) == 5
    assert {str(row.payload) for row in owed} == {"{'kind': 'confirmation', 'reference': ''}"}


def test_words_that_are_markup_are_shown_harmless(app: Application, shop: Business) -> None:
    client = logged_in(app, person(shop.id))
    send(client, shop, subject="<b>{couple}</b>", body="<script>alert(1)</script> %(day)s %s")
    page = client.get(address(shop)).text
    assert "<script>alert" not in page + framed(client, page).text
    assert "%(day)s %s" in framed(client, page).text
