"""The booking form as a browser without JavaScript fills it in, and how it is read back."""

import re
from html import unescape
from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.couples import in_half_a_year
from tests.support.world import Business


class Page:
    """An answer as somebody reads it."""

    def __init__(self, answer: TestResponse) -> None:
        self.answer = answer
        self.status = answer.status_code
        self.soup = BeautifulSoup(answer.get_data(as_text=True), "html.parser")

    def fields(self) -> dict[str, str]:
        """What the form would send as it stands."""
        form = self.soup.find(id="booking-form")
        assert form is not None
        sent: dict[str, str] = {}
        for field in form.find_all(["input", "textarea"]):
            if field.get("type") in {"radio", "checkbox"} and not field.has_attr("checked"):
                continue
            text = field.text.removeprefix("\n") if field.name == "textarea" else field.get("value", "")
            sent[str(field["name"])] = str(text)
        return sent

    def error(self, name: str) -> str | None:
        """The sentence at a field, tied to it."""
        found = self.soup.find(id=f"f-{name}-error")
        if found is None:
            return None
        described = [str(each["aria-describedby"]).split() for each in self.soup.select("[aria-describedby]")]
        assert any(found["id"] in names for names in described), "the error is tied to its field"
        return unescape(found.text)

    @property
    def errors(self) -> set[str]:
        """Names of the fields that have one."""
        found = self.soup.find_all(id=re.compile(r"^f-.*-error$"))
        return {str(each["id"])[2:-6] for each in found}

    @property
    def alert(self) -> str:
        """What stands above the form."""
        found = self.soup.select_one('[role="alert"]')
        return " ".join(found.text.split()) if found else ""

    @property
    def text(self) -> str:
        """Everything there is to read."""
        return " ".join(self.soup.text.split())


def open_form(client: FlaskClient, shop: Business, query: str = "", *, package: str = "whole-day") -> Page:
    """The form of a package."""
    return Page(client.get(shop.url(f"book/{package}{query}")))


def filled(client: FlaskClient, shop: Business, **changes: Any) -> dict[str, Any]:
    """A form that Anna and Ben have filled in; None takes a field away."""
    fields: dict[str, Any] = {
        **open_form(client, shop).fields(),
        "date": in_half_a_year(shop).isoformat(),
        "first_partner": "Anna Smith",
        "second_partner": "Ben Jones",
        "email": "anna@couple.example",
        "second_email": "",
        "phone": "020 7946 0958",
        "venue": "The Old Mill",
        "guest_count": "80",
        "notes": "Two small children.",
        "pay": "deposit",
        "terms": "1",
        **changes,
    }
    return {name: value for name, value in fields.items() if value is not None}


def send(client: FlaskClient, shop: Business, fields: dict[str, Any], *, package: str = "whole-day") -> Page:
    """Post the form."""
    return Page(client.post(shop.url(f"book/{package}"), data=fields))
