"""Reading a calendar's file over HTTP, for workers only. Trusts nothing that is at the other end.

Every hop is checked like the first and connected to by the network address that was checked. One deadline holds for
everything together: a timer shuts the connection, because limits per read never end a server that drips.
"""

import http.client
import ssl
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from socket import SHUT_RDWR, create_connection, socket
from time import monotonic
from urllib.parse import urljoin, urlsplit

from portal.calendars import targets
from portal.calendars.targets import PUBLIC, Refused, Rules, Target
from portal.kernel.text import N_

LARGEST = 5 * 1024 * 1024  # on the way and unpacked
PATIENCE = 20.0  # seconds, redirects included
_CONNECT = 5.0
_REDIRECTS = 5
_PIECE = 64 * 1024
_MOVED = frozenset({301, 302, 303, 307, 308})
_HEADERS = {
    "Accept": "text/calendar, */*;q=0.1",
    "Accept-Encoding": "gzip",
    "User-Agent": "Aisle calendar reader",
    "Connection": "close",
}

TOO_SLOW = N_("The server of this calendar took too long.")
UNREACHABLE = N_("The server of this calendar cannot be reached, or does not answer as a web server does.")
NOT_SECURE = N_("The server of this calendar cannot prove that it is what it says (its certificate is not valid).")
TOO_BIG = N_("This calendar is too big to be read: more than 5 MB.")
LESS_SECURE = N_("This address leads from a secure one to one that is not.")
IN_CIRCLES = N_("This address leads on too many times.")
ASKS_FOR_LOGIN = N_("The calendar asks for a login. Please use its secret or public iCal address.")
NOT_THERE = N_("There is no calendar at this address any more (404). Please copy the address again.")
TROUBLE = N_("The server of this calendar has trouble of its own. It is asked again later.")
NOT_READABLE = N_("The answer of this calendar's server cannot be read.")
_SAID = {401: ASKS_FOR_LOGIN, 403: ASKS_FOR_LOGIN, 407: ASKS_FOR_LOGIN, 404: NOT_THERE, 410: NOT_THERE}


def fetch(address: str, rules: Rules = PUBLIC) -> bytes:
    """The file at an address. Raises Refused."""
    deadline = monotonic() + PATIENCE
    for _ in range(_REDIRECTS + 1):
        target = targets.parse(address, rules)
        answer = _ask(target, rules, deadline)
        if isinstance(answer, bytes):
            return answer
        address = _led_on(target, answer)
    raise Refused(IN_CIRCLES)


def _led_on(target: Target, to: str) -> str:
    """Where an address leads on to, which may be no address at all."""
    try:
        address = urljoin(target.url, to)
        is_less_secure = target.is_tls and urlsplit(address).scheme == "http"
    except ValueError:
        raise Refused(targets.NO_ADDRESS) from None
    if is_less_secure:
        raise Refused(LESS_SECURE)
    return address


def _ask(target: Target, rules: Rules, deadline: float) -> bytes | str:
    """The body, or where it has moved to."""
    ips = targets.resolve(target, rules)
    try:
        with _connected(ips, target, deadline) as sock:
            connection = http.client.HTTPConnection(target.host, target.port)
            connection.sock = sock
            connection.request("GET", target.path, headers={"Host": target.netloc, **_HEADERS})
            answer = _answer(connection.getresponse())
    except ssl.SSLCertVerificationError:
        raise Refused(NOT_SECURE) from None
    except (OSError, http.client.HTTPException, ValueError):
        raise Refused(TOO_SLOW if monotonic() >= deadline else UNREACHABLE) from None
    if monotonic() >= deadline:  # a connection that was shut looks like the end of an answer
        raise Refused(TOO_SLOW)
    return answer


@contextmanager
def _connected(ips: list[str], target: Target, deadline: float) -> Iterator[socket]:
    """A connection that is shut at the deadline, whatever it is doing then."""
    sock = _open(ips, target.port, deadline)
    if target.is_tls:
        context = ssl.create_default_context()
        sock = context.wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)
    timer = threading.Timer(max(deadline - monotonic(), 0.0), _shut, [sock])
    timer.daemon = True
    timer.start()
    try:
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        yield sock
    finally:
        timer.cancel()
        sock.close()


def _open(ips: list[str], port: int, deadline: float) -> socket:
    for ip in ips:
        left = deadline - monotonic()
        if left <= 0:
            break
        try:
            sock = create_connection((ip, port), timeout=min(_CONNECT, left))
        except OSError:
            continue
        sock.settimeout(PATIENCE)
        return sock
    raise TimeoutError


def _shut(sock: socket) -> None:
    try:
        sock.shutdown(SHUT_RDWR)
    except OSError:
        return  # it is closed already


def _answer(response: http.client.HTTPResponse) -> bytes | str:
    if response.status in _MOVED:
        return response.headers.get("Location", "")
    if response.status != http.client.OK:
        raise Refused(_SAID.get(response.status, TROUBLE))
    encoding = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    if encoding in {"gzip", "x-gzip"}:
        return _unpacked(response)
    if encoding != "identity":
        raise Refused(NOT_READABLE)
    body = b"".join(_pieces(response))
    if response.length:  # less came than was announced
        raise Refused(NOT_READABLE)
    return body


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """The body as it comes, never more of it than may be."""
    size = 0
    while piece := response.read(_PIECE):
        size += len(piece)
        if size > LARGEST:
            raise Refused(TOO_BIG)
        yield piece


def _unpacked(response: http.client.HTTPResponse) -> bytes:
    """A packed body; what would grow beyond the limit is never unpacked."""
    unpacker, body = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS), bytearray()
    try:
        for piece in _pieces(response):
            body += unpacker.decompress(piece, LARGEST + 1 - len(body))
            if len(body) > LARGEST:
                raise Refused(TOO_BIG)
    except zlib.error:
        raise Refused(NOT_READABLE) from None
    if not unpacker.eof:
        raise Refused(NOT_READABLE)
    return bytes(body)
