"""Asking the payment provider for a check: an account that does not answer is told of once, and then left alone."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from portal.payments import gateway
from portal.payments.gateway import Gateway, GatewayError, NotThere
from portal.promises.violations import Violation

_T = TypeVar("_T")


class Silent(Exception):
    """The account cannot be asked, so nothing about it is proven."""


class Provider:
    """The provider as one check sees it."""

    def __init__(self, promise: str) -> None:
        self._promise = promise
        self._silent: dict[str | None, str] = {}

    def ask(self, account: str | None, question: Callable[[Gateway], _T]) -> _T:
        """The answer about something on an account. Raises NotThere and Silent."""
        if account in self._silent:
            raise Silent
        try:
            return question(gateway.current())
        except NotThere:
            raise
        except GatewayError as error:
            self._silent[account] = error.code
            raise Silent from error

    def troubles(self) -> Iterator[Violation]:
        """The accounts that could not be asked: what is not proven is no promise kept."""
        for account, code in self._silent.items():
            yield Violation(
                self._promise, account or "platform", f"the provider cannot be asked about this account: {code}"
            )
