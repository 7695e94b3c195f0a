"""A couple that changes things on its page of details, without JavaScript: reads the forms and sends them."""

import html
import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.bookings import address_changes, queries
from portal.bookings.queries import BookingView
from portal.db import database
from portal.kernel import time
from portal.web.application import Application
from tests.support.forms import csrf_in
from tests.support.sold import Sold
from tests.support.world import Business
from tests.web.couple.conftest import link_to

NEW = "vale@new.example"
_DETAILS = {"first_partner", "second_partner", "phone", "venue", "guest_count", "notes", "seen"}


@dataclass
class Couple:
    """A browser that has opened a booking's link."""

    app: Application
    client: FlaskClient
    shop: Business
    booking: Sold
    form: str = ""

    def __post_init__(self) -> None:
        self.client.get(link_to(self.shop, self.booking))
        self.form = self.get("/details")

    @property
    def home(self) -> str:
        return f"/manage/{self.booking.reference}"

    @property
    def album(self) -> str:
        """The field of the add-on."""
        return f"add_on_{self.shop.add_ons['Album']}"

    @property
    def now(self) -> BookingView:
        with database.reading(self.shop.id):
            return queries.by_id(self.shop.id, self.booking.booking_id)

    def get(self, path: str = "") -> str:
        return str(self.client.get(path if path.startswith(self.home) else self.home + path).text)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form; its token is the one of the page that was looked at first."""
        address = path if path.startswith(self.home) else self.home + path
        return self.client.post(address, data={"csrf_token": csrf_in(self.form), **fields})

    def save(self, page: str = "", **changes: str) -> TestResponse:
        return self.post("/details", **typed(page or self.form, **changes))

    def see(self, count: str) -> TestResponse:
        return self.post("/add-ons", **{self.album: count})

    def ask(self, email: str = NEW, which: str = "first") -> TestResponse:
        return self.post("/address", which=which, email=email)

    def mailed(self) -> str:
        """The link in the mail to the address that waits."""
        with database.reading(self.shop.id):
            (change,) = address_changes.waiting(self.shop.id, self.booking.booking_id, at=time.now())
        return f"/m/{address_changes.mint_link(self.shop.id, change, at=time.now()).raw}"


def typed(page: str, **changes: str) -> dict[str, str]:
    """The form of details as a page shows it, with changes."""
    values = dict(re.findall(r'name="(\w+)" type="\w+" value="([^"]*)"', page))
    values["seen"] = re.findall(r'name="seen" value="([^"]*)"', page)[0]
    values["notes"] = re.findall(r'name="notes"[^>]*>\n([^<]*)<', page)[0]
    return {name: html.unescape(value) for name, value in values.items() if name in _DETAILS} | changes
