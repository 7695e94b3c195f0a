"""One couple at a running site, from the form to the mail, and what must be true at its end, once and only once."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from portal.db import database
from portal.payments import gateway
from portal.payments.stripe_gateway import StripeGateway
from tests.support import databases, world
from tests.support.couples import in_half_a_year
from tests.support.mailroom import letters
from tests.support.proving import broken_promises
from tests.support.site import Site, eventually
from tests.support.visitors import Answer, Visitor, fill_in
from tests.support.world import Business

# The couple's two addresses: confirmation and documents to each. The business: its notice.
MAILS = 5


@contextmanager
def at_its_database(site: Site, *, back_to: str) -> Iterator[Site]:
    """This process at the site's database and at its Stripe."""
    before = gateway.current()
    gateway.install(StripeGateway("sk_test_emulator", site.stripe.base_url))
    try:
        with databases.connected(site.database_url, back_to=back_to):
            yield site
    finally:
        gateway.install(before)


@dataclass
class Couple:
    """Anna and Ben, with the form before them."""

    site: Site
    shop: Business
    visitor: Visitor
    fields: dict[str, str]

    def send(self) -> Answer:
        """Send the form as it is."""
        return self.visitor.post(self.shop.url("book/whole-day"), self.fields)

    def book(self) -> None:
        """Send the form and get to Stripe's page."""
        answer = self.send()
        assert (answer.status, "/c/pay/" in answer.location) == (303, True), answer.text

    def pay(self) -> None:
        """Pay there; webhooks and worker do the rest."""
        self.site.stripe.pay(self.count_of("SELECT stripe_checkout_session_id FROM checkout"))

    def count_of(self, sql: str) -> Any:
        """The first column of the first row of a query about this business."""
        with database.reading(self.shop.id):
            return database.value(sql)

    def rows(self) -> dict[str, int]:
        """How many rows each step has written."""
        tables = ("customer", "booking", "booking_line", "date_claim", "checkout", "outbox", "payment")
        return {table: self.count_of(f"SELECT count(*) FROM {table}") for table in tables}

    def sessions(self) -> int:
        """How many sessions Stripe has made for this business."""
        made = self.site.stripe.world.store.execute("SELECT body FROM object WHERE kind = 'checkout.session'")
        return sum(str(self.shop.id) in row["body"] for row in made)

    def mails(self) -> int:
        """How many mails have left for the couple and the business."""
        return sum(self.shop.slug in letter.to for letter in letters(self.site.mail))

    def is_done(self) -> bool:
        """Whether nothing is owed any more and every mail has left."""
        is_owed = self.count_of("SELECT count(*) FROM outbox WHERE status <> 'done'")
        return not is_owed and self.mails() >= MAILS

    def must_be_sold_once(self) -> None:
        """Everything happened, nothing twice."""
        eventually(self.is_done, f"the end of it: {self.rows()}")
        counts = self.rows()
        del counts["outbox"]
        assert set(counts.values()) == {1}, counts
        assert self.count_of("SELECT status FROM booking") == "confirmed"
        assert self.count_of("SELECT array_agg(amount_cents) FROM ledger_entry") == [100_000]
        assert self.count_of("SELECT count(*) FROM outbox WHERE kind = 'booking.confirmed'") == 1
        assert self.count_of("SELECT array_agg(status) FROM message WHERE status <> 'planned'") == ["sent"] * MAILS
        assert (self.mails(), self.sessions()) == (MAILS, 1)
        assert broken_promises() == []


def couple(site: Site, *, day: date | None = None) -> Couple:
    """A couple at a business of its own, its form filled in."""
    slug = f"live-{secrets.token_hex(6)}"
    shop = world.open_shop(slug=slug, contact_email=f"hello@{slug}.example")
    visitor = Visitor(site.url)
    return Couple(site, shop, visitor, fill_in(visitor, shop, day or in_half_a_year(shop)))
