"""Lists and events: paging, bounds, expanding."""

import json

import pytest
import stripe

from portal.devtools.stripe_emulator import StripeEmulator
from tests.devtools.stripe_emulator.kit import session_params


@pytest.fixture
def names(client: stripe.StripeClient) -> list[str]:
    """The names of 25 customers, newest first."""
    made = [f"C{number}" for number in range(25)]
    for name in made:
        client.v1.customers.create({"name": name})
    return made[::-1]


def test_pages_follow_each_other_without_gaps(client: stripe.StripeClient, names: list[str]) -> None:
    first = client.v1.customers.list({"limit": 10})
    assert ([one.name for one in first.data], first.has_more) == (names[:10], True)
    second = client.v1.customers.list({"limit": 10, "starting_after": first.data[-1].id})
    assert [one.name for one in second.data] == names[10:20]
    back = client.v1.customers.list({"limit": 10, "ending_before": second.data[0].id})
    assert [one.name for one in back.data] == names[:10]
    assert [one.name for one in first.auto_paging_iter()] == names
    assert len(client.v1.customers.list().data) == 10


def test_a_page_after_something_unknown_is_refused(client: stripe.StripeClient, names: list[str]) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        client.v1.customers.list({"starting_after": "cus_x"})
    assert caught.value.param == "starting_after"


def test_a_list_can_be_bounded_in_time(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "early"})
    border = emulator.shift_clock(1000)
    client.v1.customers.create({"name": "late"})
    later = client.v1.customers.list({"created": {"gte": border}}).data
    earlier = client.v1.customers.list({"created": {"lt": border}}).data
    assert ([one.name for one in later], [one.name for one in earlier]) == (["late"], ["early"])


def test_limits_and_filters_are_checked(client: stripe.StripeClient) -> None:
    for wrong in ({"limit": 0}, {"limit": 101}, {"colour": "red"}, {"status": "closed"}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.checkout.sessions.list(wrong)  # type: ignore[arg-type] # wrong on purpose


def test_events_are_listed_by_type_and_time(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    emulator.pay(session.id)
    border = emulator.shift_clock(1000)
    client.v1.refunds.create({"payment_intent": client.v1.payment_intents.list().data[0].id})
    since = client.v1.events.list({"created": {"gte": border}}).data
    assert {event.type for event in since} == {"refund.created", "charge.refunded"}
    some = client.v1.events.list({"types": ["checkout.session.*", "refund.created"]}).data
    assert [event.type for event in some] == ["refund.created", "checkout.session.completed"]
    one = client.v1.events.retrieve(some[1].id)
    assert one.data.object["id"] == session.id
    assert one.api_version == "2026-10-28.endive"


def test_an_event_tells_whose_request_caused_it(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    client.v1.checkout.sessions.expire(session.id, None, {"idempotency_key": "end"})
    event = client.v1.events.list().data[0]
    assert event.request is not None
    assert (event.request.idempotency_key, event.request.id) == ("end", emulator.requests[1].request_id)


def test_expanding_goes_down_four_levels_and_only_where_there_is_an_object(
    emulator: StripeEmulator, client: stripe.StripeClient
) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    emulator.pay(session.id)
    path = "payment_intent.latest_charge.balance_transaction"
    deep = client.v1.checkout.sessions.list({"expand": [f"data.{path}", "data.line_items"]}).data[0]
    assert isinstance(deep.payment_intent, stripe.PaymentIntent)
    assert isinstance(deep.payment_intent.latest_charge, stripe.Charge)
    assert isinstance(deep.payment_intent.latest_charge.balance_transaction, stripe.BalanceTransaction)
    for wrong in ("colour", "payment_intent.colour", "a.b.c.d.e"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            client.v1.checkout.sessions.retrieve(session.id, {"expand": [wrong]})
        assert caught.value.param == "expand"


def test_the_emulators_own_notes_are_never_shown(emulator: StripeEmulator, client: stripe.StripeClient) -> None:
    session = client.v1.checkout.sessions.create(session_params(emulator))
    intent = emulator.pay(session.id)["payment_intent"]
    client.v1.refunds.create({"payment_intent": intent})
    expand = ["payment_intent.latest_charge.refunds", "line_items"]
    shown = [client.v1.checkout.sessions.retrieve(session.id, {"expand": expand}).to_dict(), *emulator.events()]
    assert '"_' not in json.dumps(shown, default=str)


def test_a_customer_is_changed(client: stripe.StripeClient) -> None:
    made = client.v1.customers.create({"email": "ada@example.com", "metadata": {"a": "1"}})
    changed = client.v1.customers.update(made.id, {"name": "Ada", "metadata": {"b": "2"}})
    assert (changed.name, changed.email) == ("Ada", "ada@example.com")
    assert [one.id for one in client.v1.customers.list({"email": "ada@example.com"}).data] == [made.id]
