"""Ids as Stripe writes them: a prefix that tells the kind, then letters and digits."""

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits

_LENGTHS = {"cs_test_a1": 56, "cus_": 14, "req_": 14, "acct_1": 15, "whsec_": 32, "prod_": 14, "li_1": 23}
_USUAL_LENGTH = 22


def new_id(prefix: str) -> str:
    """A fresh id, never guessable and never used before."""
    length = _LENGTHS.get(prefix, _USUAL_LENGTH)
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))
