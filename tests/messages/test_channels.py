"""How mails leave, and how each channel tells what surely did not leave from what may have."""

import resource
from collections.abc import Iterator
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from portal.devtools.ports import free_port
from portal.devtools.postmark_emulator import PostmarkEmulator
from portal.messages import delivery
from portal.messages.delivery import (
    AddressRefusedError,
    NotSentError,
    RefusedError,
    UnknownOutcomeError,
    channel_for,
)
from portal.messages.delivery.file import FileChannel
from portal.messages.delivery.postmark import PostmarkChannel
from portal.messages.delivery.smtp import SmtpChannel
from portal.messages.mail import as_message
from portal.settings import Settings, SettingsError
from tests.support import mail_servers
from tests.support.mail_servers import CALENDAR, SmtpServer, a_mail
from tests.support.postmark import postmark

__all__ = ["postmark"]


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    with mail_servers.smtp() as server:
        yield server


def test_smtp_hands_over_both_bodies_and_the_calendar(smtp: SmtpServer) -> None:
    mail = a_mail()
    assert SmtpChannel(smtp.url).send(mail) == f"<{mail.id}@aisle.example>"
    message = message_from_bytes(smtp.received[0], policy=policy.default)
    kinds = [part.get_content_type() for part in message.walk() if not part.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    (calendar,) = message.iter_attachments()
    assert calendar.get_content() == CALENDAR  # which reads it in the charset that its header names
    assert calendar.get_param("method") == "PUBLISH"
    assert message["Message-ID"] == f"<{mail.id}@aisle.example>"
    assert message["From"].addresses[0].display_name == 'Jun"iper & Rye, Ltd'


@pytest.mark.parametrize(
    ("mood", "error"),
    [
        ("refuses", RefusedError),
        ("unknown", AddressRefusedError),
        ("busy", NotSentError),
        ("silent", UnknownOutcomeError),
    ],
)
def test_smtp_tells_how_sure_it_is(smtp: SmtpServer, mood: str, error: type[Exception]) -> None:
    smtp.mood = mood
    with pytest.raises(error) as raised:
        SmtpChannel(smtp.url).send(a_mail())
    assert type(raised.value) is error


def test_an_smtp_server_that_says_nothing_is_not_waited_for_long(smtp: SmtpServer) -> None:
    smtp.mood = "deaf"
    with pytest.raises(NotSentError):
        SmtpChannel(smtp.url, timeout=0.2).send(a_mail())


def test_an_smtp_server_that_is_not_there_is_a_reason_to_try_again() -> None:
    with pytest.raises(NotSentError):
        SmtpChannel(f"smtp://127.0.0.1:{free_port()}").send(a_mail())


@pytest.mark.parametrize("url", ["mail.example", "http://mail.example", "smtp://"])
def test_an_address_that_is_no_smtp_server_refuses_to_start(settings: Settings, url: str) -> None:
    with pytest.raises(SettingsError, match="SMTP_URL"):
        channel_for(replace(settings, smtp_url=url))


def test_postmark_gets_our_id_and_no_tracking(postmark: PostmarkEmulator) -> None:
    mail = a_mail()
    assert delivery.current().send(mail) == postmark.sent[0]["MessageID"]
    sent = postmark.sent[0]
    assert sent["Metadata"] == {"message-id": str(mail.id)}
    assert (sent["TrackLinks"], sent["TrackOpens"], sent["MessageStream"]) == ("None", False, "outbound")
    assert sent["Attachments"][0]["Name"] == "booking.ics"


def test_what_can_be_unsubscribed_from_leaves_by_a_stream_of_its_own(postmark: PostmarkEmulator) -> None:
    delivery.current().send(replace(a_mail(), unsubscribe_url="https://aisle.example/u/x"))
    assert postmark.sent[0]["MessageStream"] == "broadcast"
    assert "List-Unsubscribe" in {header["Name"] for header in postmark.sent[0]["Headers"]}


def test_who_wants_none_of_those_is_written_to_all_the_same(postmark: PostmarkEmulator) -> None:
    mail = a_mail()
    postmark.suppress(mail.to, "ManualSuppression", stream="broadcast")
    with pytest.raises(RefusedError) as raised:
        delivery.current().send(replace(mail, unsubscribe_url="https://aisle.example/u/x"))
    assert type(raised.value) is RefusedError  # which says nothing of the address
    delivery.current().send(mail)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 422, "code": 406}, AddressRefusedError),
        ({"status": 422, "code": 300}, RefusedError),
        ({"status": 429}, NotSentError),
        ({"status": 401, "code": 10}, NotSentError),
        ({"status": 422, "code": 405}, NotSentError),
        ({"status": 500}, UnknownOutcomeError),
        ({"status": 503, "is_after_work": True}, UnknownOutcomeError),
    ],
)
def test_postmark_tells_how_sure_it_is(
    postmark: PostmarkEmulator, fault: dict[str, Any], error: type[Exception]
) -> None:
    postmark.fail_next(**fault)
    with pytest.raises(error) as raised:
        delivery.current().send(a_mail())
    assert type(raised.value) is error


def test_postmark_can_be_asked_whether_a_mail_left(postmark: PostmarkEmulator) -> None:
    channel, mail = delivery.current(), a_mail()
    assert channel.find(mail.id) is None
    postmark.drop_answers()
    with pytest.raises(UnknownOutcomeError):
        channel.send(mail)
    assert channel.find(mail.id) == postmark.sent[0]["MessageID"]


def test_an_address_to_unsubscribe_at_stands_whole_in_its_header() -> None:
    """Mail programs neither decode this header nor put it together."""
    url = f"https://aisle.example/unsubscribe/{'x_' * 40}"
    lines = as_message(replace(a_mail(), unsubscribe_url=url)).as_bytes().splitlines()
    assert f"List-Unsubscribe: <{url}>".encode() in lines


def test_what_left_by_another_stream_is_found_too(postmark: PostmarkEmulator) -> None:
    mail = replace(a_mail(), unsubscribe_url="https://aisle.example/u/x")
    sent = delivery.current().send(mail)
    assert (postmark.sent[0]["MessageStream"], delivery.current().find(mail.id)) == ("broadcast", sent)


@pytest.mark.parametrize("body", [b'{"To": "anna@couple.exa', b"{}", b"<html>"])
def test_an_answer_of_postmarks_that_breaks_off_is_no_answer(body: bytes) -> None:
    with mail_servers.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n" + body) as base:
        with pytest.raises(UnknownOutcomeError):
            PostmarkChannel("secret", base=base).send(a_mail())
        with pytest.raises(NotSentError):
            PostmarkChannel("secret", base=base).find(uuid4())


def test_of_several_copies_the_latest_is_found(postmark: PostmarkEmulator) -> None:
    mail = a_mail()
    first, second = (delivery.current().send(mail) for _ in range(2))
    assert delivery.current().find(mail.id) == second != first


def test_a_token_that_is_wrong_is_a_reason_to_try_again_and_says_so(postmark: PostmarkEmulator) -> None:
    postmark.token = "another"
    with pytest.raises(NotSentError, match="401 10"):
        delivery.current().send(a_mail())


def test_an_address_that_is_welcome_again_is_taken_off_both_lists(postmark: PostmarkEmulator) -> None:
    for stream in ("outbound", "broadcast"):
        postmark.suppress("anna@couple.example", stream=stream)
    delivery.current().welcome("anna@couple.example")
    delivery.current().send(a_mail())
    postmark.suppress("ben@couple.example", "SpamComplaint")
    delivery.current().welcome("ben@couple.example")
    with pytest.raises(AddressRefusedError):
        delivery.current().send(a_mail(to="ben@couple.example"))


def test_a_postmark_that_is_not_there_is_a_reason_to_try_again() -> None:
    channel = PostmarkChannel("secret", base=f"http://127.0.0.1:{free_port()}")
    with pytest.raises(NotSentError):
        channel.send(a_mail())
    with pytest.raises(NotSentError):
        channel.find(uuid4())


def test_a_file_is_named_by_the_message_and_a_repeat_overwrites_it(tmp_path: Path) -> None:
    channel, mail = FileChannel(tmp_path / "mail"), a_mail()
    channel.send(mail)
    channel.send(mail)
    assert [path.name for path in (tmp_path / "mail").iterdir()] == [f"{mail.id}.eml"]


def test_a_disk_that_is_full_leaves_nothing_half_written_and_is_a_reason_to_try_again(tmp_path: Path) -> None:
    channel, before = FileChannel(tmp_path), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))
    try:
        with pytest.raises(NotSentError):
            channel.send(a_mail())
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
    channel.send(a_mail())


@pytest.mark.parametrize("to", ["a b@c.example", "anna@couple.example\r\nBcc: evil@evil.example", "nobody"])
def test_an_address_that_no_header_can_hold_is_no_reason_to_try_again(tmp_path: Path, to: str) -> None:
    with pytest.raises(RefusedError):
        FileChannel(tmp_path).send(a_mail(to=to))
    assert list(tmp_path.iterdir()) == []


def test_a_subject_cannot_smuggle_a_header(tmp_path: Path) -> None:
    with pytest.raises(RefusedError):
        FileChannel(tmp_path).send(a_mail(subject="Hello\r\nBcc: evil@evil.example"))


def test_the_settings_choose_the_channel(settings: Settings) -> None:
    assert isinstance(channel_for(settings), FileChannel)
    assert isinstance(channel_for(replace(settings, smtp_url="smtp://mail.example")), SmtpChannel)
    both = replace(settings, smtp_url="smtp://mail.example", postmark_server_token="token")
    assert isinstance(channel_for(both), PostmarkChannel)
