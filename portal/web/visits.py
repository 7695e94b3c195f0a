"""Browsers for the checker of promises, made without a row being written for them.

A couple's is one that holds links already; a member's is logged in for as long as the visit lasts, in this process
alone. Nothing that serves people may use this.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from werkzeug.test import TestResponse

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
        with self._browser(token_ids) as open_:
            yield lambda method, address: open_(method, address).status_code

    @contextmanager
    def _browser(self, token_ids: Iterable[UUID]) -> Iterator[Callable[[str, str], TestResponse]]:
        base_url = settings.current().base_url
        client = self._app.test_client()
        with self._app.app_context():
            value = links.signed(token_ids)
        client.set_cookie(cookies.name_of("links"), value, domain=urlsplit(base_url).hostname or "localhost")
        yield lambda method, address: client.open(address, method=method, base_url=base_url)

    @contextmanager
    def reader(self, token_ids: Iterable[UUID]) -> Iterator[Callable[[str], str]]:
        """The same, for somebody who reads what comes back; nothing is followed."""
        with self._browser(token_ids) as open_:
            yield lambda address: open_("GET", address).get_data(as_text=True)

    @contextmanager
    def member(self, user_id: UUID) -> Iterator[Ask]:
        """A browser that somebody is logged in with."""
        with login.visiting(self._app, user_id), self.couple([]) as ask:
            yield ask
