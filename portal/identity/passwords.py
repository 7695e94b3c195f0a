"""Passwords: argon2id with OWASP's parameters (19 MiB, two passes, one lane).

https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
"""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from portal.kernel.errors import Invalid
from portal.kernel.text import N_

SHORTEST, LONGEST = 10, 200
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The hash that is stored. Raises ``Invalid`` for a password that is too short or absurdly long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            N_("Please choose a password of %(shortest)s to %(longest)s characters."),
            shortest=SHORTEST,
            longest=LONGEST,
        )
    return _hasher.hash(password)


def matches(password: str, stored_hash: str | None) -> bool:
    """Whether a password fits. Without a stored hash it takes as long and says no, so that time tells nothing."""
    try:
        _hasher.verify(stored_hash or _nobody(), password[:LONGEST])
    except VerificationError:
        return False
    return stored_hash is not None


@cache
def _nobody() -> str:
    return _hasher.hash("no account has this password")
