"""Which handler answers which method and path, and which parameters it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portal.devtools.stripe_emulator.api.errors import NOT_FOUND, ApiError

if TYPE_CHECKING:
    from portal.devtools.stripe_emulator.api.schema import Hash
    from portal.devtools.stripe_emulator.scope import Call
    from portal.devtools.stripe_emulator.store import Doc

Handler = Callable[["Call"], "Doc"]


@dataclass(frozen=True)
class Route:
    """One endpoint. `pattern` holds at most one `{id}`."""

    method: str
    pattern: str
    schema: Hash
    handler: Handler
    is_expanded_by_handler: bool = False

    def match(self, method: str, path: str) -> str | None:
        """The id in the path (or an empty string) if this endpoint is meant."""
        if method != self.method:
            return None
        found = re.fullmatch(self.pattern.replace("{id}", "([^/]+)"), path)
        return (found.group(1) if found.groups() else "") if found else None


class Routes:
    """All endpoints."""

    def __init__(self, routes: list[Route]) -> None:
        self._routes = routes

    def find(self, method: str, path: str) -> tuple[Route, str]:
        """The endpoint and the id in its path."""
        for route in self._routes:
            object_id = route.match(method, path)
            if object_id is not None:
                return route, object_id
        raise ApiError(
            f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
            "https://support.stripe.com/.",
            status=NOT_FOUND,
            is_kept=False,
        )


def reads(pattern: str, schema: Hash, handler: Handler) -> Route:
    """A GET that returns one object."""
    return Route("GET", pattern, schema, handler)


def lists(pattern: str, schema: Hash, handler: Handler) -> Route:
    """A GET that returns a page of objects, already expanded."""
    return Route("GET", pattern, schema, handler, is_expanded_by_handler=True)


def writes(pattern: str, schema: Hash, handler: Handler) -> Route:
    """A POST that returns the object it made or changed."""
    return Route("POST", pattern, schema, handler)
