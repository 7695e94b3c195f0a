"""Browsers without a browser, against a real server: one connection a request, cookies, forms read from the page."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from bs4 import BeautifulSoup

from tests.support.world import Business

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def form(self, form_id: str = "booking-form") -> dict[str, str]:
        """What a form of this page would send as it stands; without an id the first that posts."""
        page = BeautifulSoup(self.text, "html.parser")
        form = page.find(id=form_id) if form_id else page.find("form", method="post")
        assert form is not None, self.text[:500]
        sent: dict[str, str] = {}
        for each in form.find_all(["input", "textarea"]):
            if each.get("type") not in {"radio", "checkbox"} or each.has_attr("checked"):
                sent[str(each["name"])] = str(each.text if each.name == "textarea" else each.get("value", ""))
        return sent


@dataclass
class Visitor:
    """Somebody at the other end of the line. A server that dies meanwhile is a ConnectionError."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, fields: Mapping[str, Any]) -> Answer:
        return self.ask("POST", path, urlencode(fields))

    def ask(self, method: str, path: str, body: str | None = None) -> Answer:
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=PATIENCE_SECONDS)
        headers = {"Host": parts.netloc, "Connection": "close"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        except (http.client.HTTPException, OSError) as error:
            raise ConnectionError(str(error)) from error
        finally:
            connection.close()
        self._keep(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, dict(answer.getheaders()), text)

    def _keep(self, lines: list[str]) -> None:
        for line in lines:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


def fill_in(visitor: Visitor, shop: Business, day: date, *, name: str = "anna") -> dict[str, str]:
    """Open the booking form for a day and fill it in; the addresses are those of this business alone."""
    page = visitor.get(f"{shop.url('book/whole-day')}?date={day}")
    return page.form() | {
        "first_partner": f"{name.title()} Smith", "second_partner": "Ben Jones", "pay": "deposit", "terms": "1",
        "email": f"{name}@{shop.slug}.example", "second_email": f"ben@{shop.slug}.example",
    }  # fmt: skip
