"""Ids, tokens, text from people, errors: small values that everything else leans on."""

import hashlib
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel import failpoints, tokens
from portal.kernel.errors import DateTaken, Invalid, PortalError
from portal.kernel.ids import is_reference, new_reference, uuid7
from portal.kernel.text import clean_block, clean_line, is_iso_date


def test_ids_are_of_version_7_and_sort_by_time() -> None:
    ids = [uuid7() for _ in range(200)]
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    millis = [one.int >> 80 for one in ids]
    assert millis == sorted(millis)
    assert len(set(ids)) == 200


def test_references_can_be_read_out_on_the_telephone() -> None:
    for reference in (new_reference() for _ in range(200)):
        assert is_reference(reference)
        assert not set(reference) & set("AEIOU01")


@pytest.mark.parametrize("text", ["", "k7qm-2r9d", "K7QM2R9D", "K7QM-2R9D\n", "A7QM-2R9D", "Ｋ7QM-2R9D", "K7QM-2R9D2"])
def test_other_texts_are_no_references(text: str) -> None:
    assert not is_reference(text)


def test_a_token_is_256_random_bits_and_only_its_hash_is_kept() -> None:
    first, second = tokens.mint(), tokens.mint()
    assert first.raw != second.raw
    assert first.digest == hashlib.sha256(first.raw.encode()).digest() == tokens.digest(first.raw)
    assert tokens.is_well_formed(first.raw)


@pytest.mark.parametrize(
    "change", [lambda raw: raw[:-1], lambda raw: raw + "A", lambda raw: raw[:-1] + "é", lambda _: ""]
)
def test_what_cannot_be_a_token_is_not_looked_up(change: Callable[[str], str]) -> None:
    assert not tokens.is_well_formed(change(tokens.mint().raw))


def test_lines_are_trimmed_and_normalised() -> None:
    assert clean_line("  Zoe\u0308 & Jose\u0301 ", most=20) == "Zoë & José"


@pytest.mark.parametrize("text", ["{{7*7}}", "<script>", "%s%n", "👰🏽‍♀️🤵", "Ж́", "=cmd()", "O'Neil; DROP"])
def test_strange_but_honest_text_is_kept_as_written(text: str) -> None:
    assert clean_line(text, most=50) == clean_block(text, most=50) == text


@pytest.mark.parametrize("text", ["a\0b", "a\nb", "a\rb", "a\x1bb", "\ud800", "a\u202eb", "a\u2028b", "\u200b\u200d"])
def test_text_that_forges_other_text_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        clean_line(text, most=50)


def test_a_block_keeps_its_lines() -> None:
    assert clean_block(" a\r\nb\rc\td ", most=50) == "a\nb\nc\td"
    with pytest.raises(Invalid):
        clean_block("a\0b", most=50)


def test_too_long_says_how_long() -> None:
    with pytest.raises(Invalid) as caught:
        clean_line("x" * 10_000, most=120)
    assert caught.value.params == {"most": 120, "length": 10_000}
    assert "at most 120" in str(caught.value)


@given(st.text(max_size=300))
def test_whatever_comes_is_kept_or_refused_with_a_sentence(text: str) -> None:
    try:
        cleaned = clean_line(text, most=200)
    except Invalid as refused:
        sentence = str(refused)
    else:
        sentence = "It is kept."
        assert cleaned == clean_line(cleaned, most=200)
        cleaned.encode()
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "20300601",
        "2030-W22-6",
        "2030-6-1",
        "２０３０-06-01",
        "2030-06-01\n",
        "10000-01-01",
        "-030-06-01",
        "infinity",
        "",
    ],
)
def test_only_one_way_to_write_a_date(text: str) -> None:
    assert not is_iso_date(text)
    assert is_iso_date("2030-06-01")


def test_an_error_is_a_sentence_with_a_code() -> None:
    error = DateTaken("%(day)s was taken a moment ago.", day="12 June")
    assert (str(error), error.code) == ("12 June was taken a moment ago.", "date_taken")
    assert isinstance(error, PortalError)
    assert str(PortalError("100 % sure")) == "100 % sure"


def test_an_invalid_form_names_its_fields() -> None:
    assert Invalid("Please look again.", {"email": "This is no address."}).fields == {"email": "This is no address."}


@pytest.mark.parametrize(("armed", "code"), [("here", failpoints.EXIT_CODE), ("elsewhere", 0)])
def test_an_armed_failpoint_ends_the_process_and_no_other_does(armed: str, code: int) -> None:
    program = f"from portal.kernel import failpoints as f; f.arm({armed!r}); f.reach('here')"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == code
