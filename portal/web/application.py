"""The Flask application class: one read-only transaction around a request that only reads.

First the ``checks``, which cost no connection. Then GET, HEAD and OPTIONS run in one ``reading()`` scope, opened before
the first hook and ended when the response has been made, so that a page cannot write even by mistake; an address with a
``<slug>`` binds that tenant. For POST nothing is open: the view reads in a short scope of its own and then calls one
service verb.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from types import TracebackType
from typing import TypeVar

import jinja2
from flask import Flask, Request, Response, request

from portal.db import database
from portal.tenants import queries
from portal.web import speech
from portal.web.cookies import PortalRequest

ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_View = TypeVar("_View", bound=Callable[..., object])


class Application(Flask):
    """Flask, with strict templates and transactions that follow the method."""

    request_class: type[Request] = PortalRequest
    jinja_options = {"undefined": jinja2.StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}  # noqa: RUF012

    @cached_property
    def checks(self) -> list[Callable[[], None]]:
        """What happens before the transaction: what they turn away costs no connection."""
        return []

    def full_dispatch_request(self) -> Response:
        """As Flask's own, inside the request's transaction."""
        self._got_first_request = True
        speech.listen(request.headers.get("Accept-Language", ""))
        try:
            for check in self.checks:
                check()
            with self._transaction():
                answer = self.preprocess_request()
                if answer is None:
                    answer = self.dispatch_request()
                response = self.make_response(answer)
        except Exception as error:  # noqa: BLE001  Flask decides what becomes of it
            response = self.make_response(self.handle_user_exception(error))
        return self.finalize_request(response)

    def log_exception(self, exc_info: ExcInfo) -> None:
        """With the route and never the address, which may hold a token."""
        rule = request.url_rule.rule if request.url_rule else "unknown address"
        self.logger.error("error in %s %s", request.method, rule, exc_info=exc_info)

    def _transaction(self) -> AbstractContextManager[object]:
        rule = request.url_rule
        if rule is None or request.method not in READING:
            return nullcontext()
        if getattr(self.view_functions[rule.endpoint], "is_without_transaction", False):
            return nullcontext()
        if rule.rule.startswith(("/t/<slug>/", "/dashboard/<slug>/")):
            slug = (request.view_args or {})["slug"]
            return database.reading_by("tenant_id_by_slug", slug, then=queries.BOUND)
        if rule.rule.startswith("/manage/<reference>"):
            reference = (request.view_args or {})["reference"]
            return database.reading_by("tenant_id_by_reference", reference, then=queries.BOUND)
        return database.reading()


def without_transaction(view: _View) -> _View:
    """Mark a GET view that must not be inside a transaction (health, static files)."""
    view.is_without_transaction = True  # type: ignore[attr-defined]
    return view


def takes_upload(most_bytes: int) -> Callable[[_View], _View]:
    """Mark a POST view whose form carries a file of at most so many bytes; any other form is small."""

    def mark(view: _View) -> _View:
        view.most_bytes = most_bytes  # type: ignore[attr-defined]
        return view

    return mark
