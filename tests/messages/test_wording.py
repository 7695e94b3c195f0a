"""A business's own words: what may be kept of them, how each email reads with them, and what stays ours."""

import re
from html import unescape
from pathlib import Path

import pytest

from portal.db import database
from portal.kernel import time
from portal.kernel.errors import Invalid, NotFound
from portal.messages import addresses, planning, templates
from portal.messages.mail import Mail, as_message, one_line, unsubscribe_headers
from portal.messages.states import MessageKind
from portal.messages.wording import fields, rehearsal, saving, store, trial
from portal.messages.wording.cases import CASES, EDITABLE, Case
from portal.messages.wording.opening import Situation, opening
from portal.messages.wording.store import Wording
from portal.tenants.language import language
from tests.support import mailroom, people, plans, queues, sold, world
from tests.support.mailroom import Letter, letters
from tests.support.world import Business

EVERY = pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.key)


def say(shop: Business, key: str, subject: str, body: str) -> None:
    user_id = people.person(shop.id).user_id
    saving.save(shop.id, key, saving.checked(CASES[key], subject, body), user_id=user_id, at=time.now())


def deliver(shop: Business, folder: Path) -> list[Letter]:
    mailroom.drain(shop.id, but=("refund.execute",))
    return letters(folder)


def rehearsed(shop: Business, case: Case, words: Wording | None = None, reference: str = "") -> Mail:
    with database.reading(shop.id):
        return rehearsal.rehearse(shop.tenant, case, reference, words, to="anna@couple.example", at=time.now())


def test_a_field_is_kept_however_it_is_spaced_and_capitalised() -> None:
    assert fields.checked_body("Hi { Couple },\r\n\r\nsee you on {DAY}", ("couple", "day")) == (
        "Hi {couple},\n\nsee you on {day}"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Hi {copule}", "{copule}"),
        ("Hi {amount}", "{amount}"),
        ("Hi {}", "{}"),
        ("Hi {{7*7}}", "{7*7}"),
        ("Hi {couple.email}", "{couple.email}"),
        ("Hi {couple", "no partner"),
        ("Hi couple}", "no partner"),
        ("Hi {{couple}}", "no partner"),
        ("{cou{ple}", "{ple}"),
        ("", "write something"),
        (" \n ", "write something"),
        ("x" * 4001, "at most 4000"),
        ("a\x00b", "cannot be shown"),
        ("a\u202eb", "cannot be shown"),
    ],
)
def test_what_cannot_be_filled_in_is_not_kept(text: str, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        fields.checked_body(text, ("couple", "day"))
    assert said in str(refused.value)


def test_an_unknown_field_names_those_that_there_are() -> None:
    with pytest.raises(Invalid, match=r"\{couple\}, \{day\}"):
        fields.checked_subject("For {copule}", ("couple", "day"))


@pytest.mark.parametrize("text", ["One\r\nBcc: evil@evil.example", "One\nTwo", "One\u2028Two", "x" * 151])
def test_a_subject_is_one_line(text: str) -> None:
    with pytest.raises(Invalid):
        fields.checked_subject(text, ("couple",))


def test_a_header_keeps_the_spaces_at_which_no_line_may_break() -> None:
    assert (
        one_line(" r\u00e9serv\u00e9e\u00a0:\u202foui\r\n\u2028 \x85non ") == "r\u00e9serv\u00e9e\u00a0:\u202foui non"
    )


def test_what_stands_in_a_fact_is_never_a_field() -> None:
    values = {"couple": "{day} & %(day)s {{7*7}}", "day": "today"}
    assert fields.fill("Hi {couple}, {day}", values) == "Hi {day} & %(day)s {{7*7}}, today"


def test_kept_words_with_a_field_that_is_gone_give_way_to_ours() -> None:
    values = {name: name for name in CASES["confirmation"].fields}
    begins = opening(
        language(), "Ours", Situation("confirmation", values, values), {"confirmation": Wording("{gone}", "{gone}")}
    )
    assert begins.subject == "Ours"
    assert begins.paragraphs[0] == "Dear couple,"


def test_every_kind_that_couples_get_can_be_written() -> None:
    mails = Path(templates.__file__).parents[2] / "templates" / "emails"
    for kind in MessageKind:
        if kind not in EDITABLE and (mails / f"{kind}.html").exists():
            assert "To the business" in (mails / f"{kind}.html").read_text(), kind
    assert {path.stem for path in (mails / "openings").iterdir()} == set(CASES)


@EVERY
@pytest.mark.parametrize("locale", ["en_US", "fr_FR"])
def test_the_original_words_are_kept_as_they_come(case: Case, locale: str) -> None:
    ours = rehearsal.our_words(language(locale), case)
    assert saving.checked(case, ours.subject, ours.body) == ours


@pytest.fixture(scope="module")
def both(connected: object) -> dict[str, Business]:
    """A business that has sold something, and a French one that has nothing to sell."""
    return {"sold": world.open_shop(), "new": world.open_business(locale="fr_FR", currency="EUR")}


@pytest.fixture(scope="module")
def reference(both: dict[str, Business]) -> str:
    return sold.sell(both["sold"]).reference


@EVERY
def test_our_words_read_as_if_they_were_the_business_s_own(
    both: dict[str, Business], reference: str, case: Case
) -> None:
    for shop, about in ((both["sold"], reference), (both["sold"], ""), (both["new"], "")):
        ours = rehearsed(shop, case, reference=about)
        chosen = language(shop.tenant.locale, shop.tenant.timezone)
        same = rehearsed(shop, case, rehearsal.our_words(chosen, case), reference=about)
        assert (same.text, same.html, same.subject) == (ours.text, ours.html, ours.subject)
        assert "{" not in ours.subject + ours.text


@EVERY
def test_every_field_is_filled_in_and_what_must_be_there_stays(both: dict[str, Business], case: Case) -> None:
    named = " | ".join(f"{name}=<{{{name}}}>" for name in case.fields)
    plain = rehearsed(both["sold"], case)
    mail = rehearsed(both["sold"], case, Wording(f"Ours: {named}", f"First <b>\n\n{named}"))
    for name in case.fields:
        assert f"{name}=<" in mail.text
        assert f"{name}=<>" not in mail.text + mail.subject, name
        assert f"{{{name}}}" not in mail.text + mail.html + mail.subject
    assert "First <b>\n\n" in mail.text
    assert "First &lt;b&gt;" in mail.html
    kept = rehearsal.our_words(language(), case).body.split("\n\n")
    rest = [line for line in plain.text.splitlines()[2 * len(kept) :] if line]
    for line in rest:
        assert line in mail.text, line
    assert plain.html.count("href=") == mail.html.count("href=")


def test_couples_read_the_words_of_the_business_in_both_kinds_of_mail(shop: Business, mail_folder: Path) -> None:
    say(shop, "confirmation", "Hurray, {couple}! {day}", "Hi {couple},\n\nwe can’t wait.\nSee you on {day}!")
    booking = sold.sell(shop)
    couple, _, owner = deliver(shop, mail_folder)
    assert couple.subject.startswith("Hurray, Anna Smith & Ben Jones! ")
    for text in (couple.text.replace("\r\n", "\n"), unescape(couple.html).replace("<br>", "\n")):
        assert "we can’t wait.\nSee you on" in text
        assert "We have reserved" not in text
        assert booking.reference in text
        assert "$1,000.00" in text
        assert "/m/" in text
    assert owner.subject.startswith("New booking")


def test_who_waits_reads_them_too(shop: Business, mail_folder: Path) -> None:
    say(shop, "waitlist_joined", "{day}: you are next", "Hi {couple}, you are on our list for {package}.")
    sold.sell(shop)
    queues.join(shop, "Zoe", email="zoe@waiting.example")
    (letter,) = [each for each in deliver(shop, mail_folder) if "you are next" in each.subject]
    assert "Hi Zoe & Max, you are on our list for Whole day." in letter.text
    assert "/w/" in letter.text


def test_another_business_and_another_person_see_nothing_of_them(shop: Business, rival: Business) -> None:
    writer, colleague = people.person(shop.id).user_id, people.person(shop.id).user_id
    saving.keep_draft(shop.id, "confirmation", Wording("A try", "A try"), user_id=writer, at=time.now())
    with database.reading(shop.id):
        assert store.kept(shop.id, "confirmation", writer).draft == Wording("A try", "A try")
        assert store.kept(shop.id, "confirmation", colleague).draft is None
        assert store.of_kind(shop.id, MessageKind.CONFIRMATION) == {}
    with database.reading(rival.id):
        assert store.all_kept(shop.id, writer) == {}


def test_saving_ends_the_try_and_going_back_ends_both(shop: Business) -> None:
    who = people.person(shop.id).user_id
    saving.keep_draft(shop.id, "moved", Wording("A", "A"), user_id=who, at=time.now())
    saving.save(shop.id, "moved", Wording("B", "B"), user_id=who, at=time.now())
    saving.save(shop.id, "moved", Wording("C", "C"), user_id=who, at=time.now())
    with database.reading(shop.id):
        kept = store.kept(shop.id, "moved", who)
    assert (kept.used, kept.draft) == (Wording("C", "C"), None)
    saving.reset(shop.id, "moved", user_id=who)
    with database.reading(shop.id):
        assert store.kept(shop.id, "moved", who).used is None


def test_a_test_goes_to_who_asks_and_to_nobody_else(shop: Business, mail_folder: Path) -> None:
    who = people.person(shop.id)
    booking = sold.sell(shop)
    deliver(shop, mail_folder)
    saving.keep_draft(shop.id, "moved", Wording("Try {couple}", "Mine"), user_id=who.user_id, at=time.now())
    trial.ask(shop.id, "moved", user_id=who.user_id, reference=booking.reference)
    (letter,) = deliver(shop, mail_folder)[3:]
    assert (letter.to, letter.subject) == (who.email, "Test: Try Anna Smith & Ben Jones")
    assert letter.text.startswith("Mine")
    assert "/m/" not in letter.text + letter.html
    with database.reading(shop.id):
        assert database.value("SELECT count(*) FROM message WHERE recipient = %s", who.email) == 0


def test_a_test_for_somebody_who_has_left_or_of_a_booking_elsewhere_is_not_sent(
    shop: Business, rival: Business, mail_folder: Path
) -> None:
    stranger = people.person(rival.id)
    trial.ask(shop.id, "moved", user_id=stranger.user_id, reference="")
    theirs = sold.sell(rival)
    trial.ask(shop.id, "moved", user_id=people.person(shop.id).user_id, reference=theirs.reference)
    assert deliver(shop, mail_folder) == []
    with pytest.raises(NotFound):
        rehearsed(shop, CASES["moved"], reference=theirs.reference)


@EVERY
def test_the_plain_text_reads_well_where_nothing_else_is_shown(both: dict[str, Business], case: Case) -> None:
    for shop in both.values():
        mail = rehearsed(shop, case)
        lines = mail.text.splitlines()
        assert not re.search(r"<[a-z/!]|&[a-z#0-9]+;|\{|\}|%\(", mail.text), "markup"
        assert "\n\n\n" not in mail.text
        assert [line for line in lines if line != line.rstrip()] == []
        assert [line for line in lines if "://" in line and " " in line.strip()] == [], "addresses have their own line"
        assert lines[-3:] == [shop.tenant.name, shop.tenant.contact_email, addresses.storefront(shop.slug)]
        said = unescape(re.sub(r"<[^>]+>", " ", mail.html))
        for paragraph in rehearsal.our_words(language(shop.tenant.locale), case).body.split("\n\n"):
            first = paragraph.split("{", maxsplit=1)[0]
            assert first in mail.text
            assert first in said


@EVERY
def test_every_email_comes_in_the_name_of_the_business_and_is_answered_to_it(
    both: dict[str, Business], case: Case
) -> None:
    mail = rehearsed(both["sold"], case, Wording("S", "B"))
    assert (mail.sender_name, mail.reply_to) == ("Juniper & Rye", "hello@juniper.example")
    assert "List-Unsubscribe" not in dict(unsubscribe_headers(mail))
    assert both["sold"].tenant.brand_color in mail.html
    assert as_message(mail)["Subject"] == "S"


def test_words_of_their_own_leave_the_way_out_of_mails_after_the_day(own_database: str, mail_folder: Path) -> None:
    shop = world.open_shop()
    say(shop, "follow_up", "Thank you!", "Thank you, {couple}!")
    booking = sold.sell(shop, second_email=None)
    deliver(shop, mail_folder)
    planning.keep_up(shop.id, booking.booking_id, at=time.now())
    for each in plans.reminders(shop, "planned"):
        plans.tick(shop, each.due_at)
    told = plans.arrived(mail_folder)
    assert len(told) > len(plans.KINDS)
    (letter,) = [each for each in told if each.message["List-Unsubscribe"]]
    assert letter.subject == "Thank you!"
    assert "/unsubscribe/" in letter.message["List-Unsubscribe"]
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "No more emails like this one" in letter.html
    assert "/unsubscribe/" in letter.text
