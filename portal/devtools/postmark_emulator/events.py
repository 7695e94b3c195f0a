"""What Postmark posts to a webhook, as its documentation shows it (https://postmarkapp.com/developer/webhooks)."""

from __future__ import annotations

import itertools
from typing import Any

from portal.devtools.postmark_emulator.mails import Doc, instant

_numbers = itertools.count(4_323_372_036)
# https://postmarkapp.com/developer/api/bounce-api#bounce-types; those that stop an address.
STOPPING = {"HardBounce", "BadEmailAddress", "ManuallyDeactivated", "SpamComplaint"}


def event(mail: Doc, kind: str, **told: Any) -> Doc:  # noqa: ANN401  fields of an event
    """One about a mail; ``kind`` is its RecordType."""
    about: Doc = {
        "RecordType": kind,
        "ServerID": 23,
        "MessageStream": mail["MessageStream"],
        "MessageID": mail["MessageID"],
        "Metadata": dict(mail.get("Metadata", {})),
        "Tag": "",
    }
    return {**about, **_OF[kind](mail, told), **told}


def _delivery(mail: Doc, _: Doc) -> Doc:
    return {"Recipient": mail["Recipient"], "DeliveredAt": instant(), "Details": "250 2.0.0 OK"}


def _open(mail: Doc, _: Doc) -> Doc:
    return {"Recipient": mail["Recipient"], "ReceivedAt": instant(), "FirstOpen": True, "UserAgent": "Mail", "Geo": {}}


def _bounce(mail: Doc, told: Doc) -> Doc:
    kind = told.get("Type", "HardBounce")
    return {
        "ID": next(_numbers),
        "Type": kind,
        "TypeCode": 1,
        "Name": kind,
        "Description": "The server was unable to deliver your message.",
        "Details": "smtp;550 5.1.1 no such user",
        "Email": mail["Recipient"],
        "From": mail["From"],
        "BouncedAt": instant(),
        "DumpAvailable": True,
        "Inactive": kind in STOPPING,
        "CanActivate": kind != "SpamComplaint",
        "Subject": mail.get("Subject", ""),
    }


def _complaint(mail: Doc, _: Doc) -> Doc:
    return _bounce(mail, {"Type": "SpamComplaint"})


def _change(mail: Doc, _: Doc) -> Doc:
    return {
        "Recipient": mail["Recipient"],
        "Origin": "Recipient",
        "SuppressSending": True,
        "SuppressionReason": "HardBounce",
        "ChangedAt": instant(),
    }


_OF = {
    "Delivery": _delivery,
    "Open": _open,
    "Bounce": _bounce,
    "SpamComplaint": _complaint,
    "SubscriptionChange": _change,
}
