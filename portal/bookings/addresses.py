"""Addresses of mail: what is let in, and in which form it is kept.

Nobody is asked whether a mailbox exists; what cannot be one, or could be taken for another, is refused. The domain is
kept in the form in which it travels (ASCII), because not every provider of mail translates it.
"""

import unicodedata

from email_validator import EmailNotValidError, validate_email

from portal.kernel.errors import Invalid
from portal.kernel.text import N_

LONGEST = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets
_LOOK_LIKE_LATIN = ("CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE", "LISU", "MATHEMATICAL")


def clean_address(text: str) -> str:
    """An address as it is kept. Raises ``Invalid`` with a sentence for the field."""
    typed = text.strip()
    try:
        found = validate_email(
            typed[: LONGEST + 1],
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            strict=True,
        )
    except EmailNotValidError:
        raise Invalid(N_("This cannot be an email address. It should look like anna@example.com.")) from None
    if len(typed) > LONGEST or _can_be_mistaken(found.domain):
        raise Invalid(N_("This cannot be an email address. It should look like anna@example.com."))
    return found.ascii_email or found.normalized


def _can_be_mistaken(domain: str) -> bool:
    """Whether letters of other scripts stand among Latin ones, as in ``gmаil.com`` with a Cyrillic а."""
    names = [unicodedata.name(char, "") for char in domain if char.isalpha()]
    has_latin = any(name.startswith("LATIN") for name in names)
    return has_latin and any(name.startswith(_LOOK_LIKE_LATIN) for name in names)
