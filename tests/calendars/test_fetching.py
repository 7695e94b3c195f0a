"""Only public addresses are asked, each hop anew, and no answer is too big, too slow or packed too tightly."""

import gzip
import socket
from http.server import BaseHTTPRequestHandler
from threading import Event
from typing import Any

import pytest

from portal.calendars import connections, fetching, targets
from portal.calendars.fetching import fetch
from portal.calendars.targets import Refused
from portal.kernel import time
from portal.kernel.errors import Invalid
from portal.settings import Settings
from tests.calendars.conftest import Server
from tests.support.world import Business

pytestmark = pytest.mark.usefixtures("connected")
PRIVATE = [
    "http://127.1/", "http://0x7f000001/", "http://2130706433/", "http://017700000001/", "http://[::ffff:10.0.0.1]/",
    "http://[::ffff:8.8.8.8]/", "http://10.0.0.1/", "http://100.64.0.1/", "http://[2002:7f00:1::]/", "http://[::1]/",
    "http://[::]/", "http://0.0.0.0/", "http://169.254.169.254/latest/meta-data/", "http://192.168.1.1/",
    "http://172.16.0.1/", "http://224.0.0.1/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[64:ff9b::7f00:1]/",
    "http://[::127.0.0.1]/", "http://foo.localhost/", "http://255.255.255.255/", "http://192.0.0.1/",
    "https://printer.local/", "http://metadata.google.internal/", "http://[fec0::1]/", "http://[feff:ffff::1]/",
    "http://[3fff::1]/", "http://[5f00::1]/",
]  # fmt: skip
# What the project promises to refuse, one by one, and why.
PROMISED = {
    "file:///etc/passwd": targets.NO_ADDRESS,
    "gopher://calendars.example/": targets.NO_ADDRESS,
    "http://127.1/": targets.NOT_PUBLIC,
    "http://0x7f000001/": targets.NOT_PUBLIC,
    "http://[::ffff:10.0.0.1]/": targets.NOT_PUBLIC,
    "http://localhost./": targets.NOT_PUBLIC,
    "http://user@10.0.0.1/": targets.WITH_LOGIN,
    "http://100.64.0.1/": targets.NOT_PUBLIC,
    "http://[2002:7f00:1::]/": targets.NOT_PUBLIC,
}
NONSENSE = [
    "", " ", "calendar", "file:///etc/passwd", "gopher://a.example/", "ftp://a.example/a.ics", "https://", "http:///x",
    "javascript:alert(1)", "http://a.example:99999/", "http://a.example:x/", "http://a b.example/", "https://[::1",
    "http://a.example/\r\nHost: b", "http://" + "a" * 3000, "http://a..example/", "data:text/calendar,x",
]  # fmt: skip


def reason(address: str, **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        fetch(address, **more)
    return refused.value.reason


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_public_is_refused_before_anything_is_sent(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "create_connection", lambda *_: pytest.fail("connected"))
    assert reason(address) == targets.NOT_PUBLIC
    assert reason(address.replace("http:", "webcal:")) == targets.NOT_PUBLIC


@pytest.mark.parametrize("address", NONSENSE)
def test_what_is_no_address_is_said_to_be_none(address: str) -> None:
    assert reason(address) in {targets.NO_ADDRESS, targets.ODD_PORT}


@pytest.mark.parametrize("address", PROMISED)
def test_each_promised_address_is_refused_in_the_form_by_the_worker_and_where_another_leads_to_it(
    address: str, shop: Business, monkeypatch: pytest.MonkeyPatch
) -> None:
    # An installation at localhost says that it is its own.
    expected = {PROMISED[address]} | ({targets.OUR_OWN} if "localhost" in address else set())
    ask = fetching._ask

    def leading(target: targets.Target, *more: Any) -> bytes | str:
        return address if target.host == "calendars.example" else ask(target, *more)

    monkeypatch.setattr(fetching, "create_connection", lambda *_, **__: pytest.fail("connected"))
    with pytest.raises(Invalid) as told:
        connections.connect(
            shop.id, resource_id=shop.resource_id, name="", address=address, is_whole_days_only=False, at=time.now()
        )
    assert set(told.value.fields.values()) <= expected
    assert set(told.value.fields) == {"address"}
    assert reason(address) in expected
    monkeypatch.setattr(fetching, "_ask", leading)
    assert reason("http://calendars.example/a.ics") in expected


def test_localhost_in_other_spellings_is_ours_or_private() -> None:
    for host in ("localhost", "localhost.", "LOCALHOST"):
        assert reason(f"http://{host}/") in {targets.NOT_PUBLIC, targets.OUR_OWN}


def test_names_and_passwords_are_refused() -> None:
    assert reason("http://user@10.0.0.1/") == targets.WITH_LOGIN
    assert reason("http://user:secret@calendars.example/a.ics") == targets.WITH_LOGIN


def test_our_own_calendar_is_refused(connected: Settings) -> None:
    assert reason(f"{connected.base_url}/calendar/x.ics") == targets.OUR_OWN


def test_other_ports_are_not_asked() -> None:
    assert reason("http://calendars.example:22/") == targets.ODD_PORT


def test_a_name_that_leads_to_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(host: str, port: int, *_: Any, **more: Any) -> Any:
        if more.get("flags"):
            raise socket.gaierror
        return [(2, 1, 6, "", (ip, port)) for ip in ("93.184.215.14", "10.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    monkeypatch.setattr(fetching, "create_connection", lambda *_, **__: pytest.fail("connected"))
    assert reason("https://calendars.example/a.ics") == targets.NOT_PUBLIC


def test_a_name_is_asked_once_and_what_was_checked_is_connected_to(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def rebinding(host: str, port: int, *_: Any, **more: Any) -> Any:
        if more.get("flags"):
            raise socket.gaierror
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1" if len(asked) == 1 else "127.0.0.2", port))]

    def connect(to: tuple[str, int], timeout: float) -> socket.socket:
        connected.append(to[0])
        made = socket.socket()
        made.settimeout(timeout)
        made.connect(to)
        return made

    server.says("BEGIN:VCALENDAR")
    connected: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(fetching, "create_connection", connect)
    assert fetch(server.url(host="rebinding.example"), server.rules) == b"BEGIN:VCALENDAR"
    assert (asked, connected) == (["rebinding.example"], ["127.0.0.1"])


def test_a_redirect_is_followed_and_each_hop_is_checked_again(server: Server) -> None:
    server.says("BEGIN:VCALENDAR", "/end.ics")
    server.leads("/two", "end.ics")
    assert fetch(server.leads("/one", "/two"), server.rules) == b"BEGIN:VCALENDAR"
    for private in ("http://10.0.0.1/", "http://169.254.169.254/", f"http://[::ffff:127.0.0.1]:{server.port}/end.ics"):
        assert reason(server.leads("/out", private), rules=server.rules) in {targets.NOT_PUBLIC, targets.ODD_PORT}
    assert reason(server.leads("/file", "file:///etc/passwd"), rules=server.rules) == targets.NO_ADDRESS
    assert server.asked.count("/end.ics") == 1


def test_what_leads_to_no_address_is_told(server: Server) -> None:
    for nowhere in ("http://[", "//[::1", "http://[v6]/", "http://x:y/", "\xe9\x80"):
        said = reason(server.leads("/out", nowhere), rules=server.rules)
        assert said in {targets.NO_ADDRESS, targets.NOT_PUBLIC, fetching.UNREACHABLE}


def test_going_round_in_circles_ends(server: Server) -> None:
    assert reason(server.leads("/a.ics", "/a.ics"), rules=server.rules) == fetching.IN_CIRCLES
    assert len(server.asked) == 6


def test_a_body_without_end_is_cut_off(server: Server) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65536)

    server.acts["/a.ics"] = endless
    assert reason(server.url(), rules=server.rules) == fetching.TOO_BIG


def test_a_gzip_bomb_is_never_unpacked(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 200 * 1024 * 1024, 9)
    address = server.says(bomb, Content_Encoding="gzip")
    assert reason(address, rules=server.rules) == fetching.TOO_BIG


def test_a_packed_calendar_is_unpacked_and_a_broken_one_is_told(server: Server) -> None:
    packed = gzip.compress(b"BEGIN:VCALENDAR")
    assert fetch(server.says(packed, Content_Encoding="gzip"), server.rules) == b"BEGIN:VCALENDAR"
    for broken, how in ((packed[:-9], "gzip"), (b"no gzip", "gzip"), (packed, "br")):
        assert reason(server.says(broken, Content_Encoding=how), rules=server.rules) == fetching.NOT_READABLE


def test_a_server_that_drips_is_left_at_the_deadline(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(10_000):
            handler.wfile.write(f"X-{number}: 1\r\n".encode()[:1])
            Event().wait(0.05)

    monkeypatch.setattr(fetching, "PATIENCE", 0.6)
    server.acts["/a.ics"] = drip
    assert reason(server.url(), rules=server.rules) == fetching.TOO_SLOW


def test_less_than_was_announced_is_no_answer(server: Server) -> None:
    address = server.says("BEGIN:VCALENDAR", Content_Length="1000")
    assert reason(address, rules=server.rules) in {fetching.NOT_READABLE, fetching.UNREACHABLE}


@pytest.mark.parametrize(
    ("status", "said"),
    [(401, fetching.ASKS_FOR_LOGIN), (404, fetching.NOT_THERE), (500, fetching.TROUBLE), (204, fetching.TROUBLE)],
)
def test_a_refusal_is_told_in_words(server: Server, status: int, said: str) -> None:
    assert reason(server.says("", status=status), rules=server.rules) == said


def test_nobody_there_and_no_web_server_are_told(server: Server) -> None:
    def mail_server(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 smtp ready\r\n")

    server.acts["/a.ics"] = mail_server
    assert reason(server.url(), rules=server.rules) == fetching.UNREACHABLE
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    rules = targets.Rules(server.rules.allows, frozenset({port}))
    assert reason(f"http://127.0.0.1:{port}/", rules=rules) == fetching.UNREACHABLE


def test_a_certificate_that_proves_nothing_is_not_accepted(server: Server) -> None:
    address = server.url().replace("http:", "https:")
    assert reason(address, rules=server.rules) in {fetching.UNREACHABLE, fetching.NOT_SECURE}


def test_webcal_stays_secure_and_leads_to_nothing_less(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[targets.Target] = []

    def moved(target: targets.Target, *_: Any) -> str:
        asked.append(target)
        return "/b.ics" if len(asked) == 1 else "http://calendars.example/c.ics"

    monkeypatch.setattr(fetching, "_ask", moved)
    assert reason("webcal://calendars.example/a.ics") == fetching.LESS_SECURE
    assert [target.url for target in asked] == [f"https://calendars.example/{name}.ics" for name in "ab"]
