"""Receipts: one for each payment and each refund, and one more for a refund that a bank sent back.

That one takes back the refund's own receipt, which stays as it was issued. Within the transaction of ``service``'s
verbs only.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from portal.invoices import issuing
from portal.invoices.document import Reference
from portal.invoices.facts import Facts
from portal.invoices.states import Reason


def write_lacking(facts: Facts, about: Reference | None, *, at: datetime) -> list[UUID]:
    """Issue those that lack; the ids. ``about`` is the invoice that receipts for payments and refunds name."""
    return [*_moved(facts, about, at), *_returned(facts, at)]


def _moved(facts: Facts, about: Reference | None, at: datetime) -> list[UUID]:
    told = {each.refund_request_id or each.payment_id for each in facts.issued}
    issued: list[UUID] = []
    for each in facts.movements:
        key = each.refund_request_id or each.payment_id
        if key is None or key in told or not each.is_done:
            continue
        document = issuing.receipt(facts, each, about, at=at)
        column = "refund_request_id" if each.refund_request_id else "payment_id"
        issued.append(issuing.write(facts, document, at=at, **{column: key})[0])
    return issued


def _returned(facts: Facts, at: datetime) -> list[UUID]:
    """A refund that came back before it had a receipt needs none: nobody was told that it went."""
    receipts = {each.refund_request_id: each for each in facts.issued if each.refers_to_id is None}
    taken_back = {each.refund_request_id for each in facts.issued if each.refers_to_id is not None}
    issued: list[UUID] = []
    for each in facts.returned:
        receipt = receipts.get(each.refund_request_id)
        if receipt is None or each.refund_request_id in taken_back:
            continue
        about = Reference(receipt.document.number, receipt.document.issued_on)
        document = replace(issuing.receipt(facts, each, about, at=at), reason=Reason.RETURNED)
        written = issuing.write(
            facts, document, at=at, refers_to_id=receipt.id, refund_request_id=each.refund_request_id
        )
        issued.append(written[0])
    return issued
