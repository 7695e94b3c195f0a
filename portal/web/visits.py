"""Browsers for the checker of promises, made without a row being written for them.

A couple's is one that holds links already; a member's is logged in for as long as the visit lasts, in this process
alone. Nothing that serves people may use this.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from portal import settings
from portal.web import cookies, links, login
from portal.web.application import Application

Ask = Callable[[str, str], int]


class Visits:
    """People who look at an application's pages."""

    def __init__(self, app: Application) -> None:
        self._app = app

    @contextmanager
    def couple(self, token_ids: Iterable[UUID]) -> Iterator[Ask]:
        """A browser that has opened these links; without any a stranger's."""
        base_url = settings.current().base_url
        client = self._app.test_client()
        with self._app.app_context():
            value = links.signed(token_ids)
        client.set_cookie(cookies.name_of("links"), value, domain=urlsplit(base_url).hostname or "localhost")
        yield lambda method, address: client.open(address, method=method, base_url=base_url).status_code

    @contextmanager
    def member(self, user_id: UUID) -> Iterator[Ask]:
        """A browser that somebody is logged in with."""
        with login.visiting(self._app, user_id), self.couple([]) as ask:
            yield ask
