"""Addresses of mail: kept as they travel, refused when they cannot exist or could be taken for another."""

import pytest

from portal.bookings.addresses import clean_address
from portal.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("anna@example.com", "anna@example.com"),
        ("  Anna.B+wedding@Example.COM ", "Anna.B+wedding@example.com"),
        ("a@münchen.de", "a@xn--mnchen-3ya.de"),
        ("a@пример.рф", "a@xn--e1afmkfd.xn--p1ai"),
        ("a@例え.jp", "a@xn--r8jz45g.jp"),
    ],
)
def test_an_address_is_kept_in_the_form_in_which_it_travels(typed: str, kept: str) -> None:
    assert clean_address(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a@b",
        "anna",
        '"anna b"@example.com',
        "a@x.com, b@x.com",
        "a@x.com;b@x.com",
        "Anna <a@x.com>",
        "a@x.com\r\nBcc: b@x.com",
        "a\0@x.com",
        "a@gmаil.com",
        "a@аpple.com",
        "a@1.2.3.4",
        "a@[127.0.0.1]",
        "a@localhost",
        "é@example.com",
        "a@-x.com",
        "a" * 65 + "@example.com",
        "a@" + ".".join(["b" * 60] * 5) + ".com",
        "a@example.com" + "m" * 10_000,
    ],
)
def test_what_cannot_be_an_address_is_refused(typed: str) -> None:
    with pytest.raises(Invalid):
        clean_address(typed)
