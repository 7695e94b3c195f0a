"""Which addresses a worker may ask: public ones, found out from what the name really leads to. Reads no body.

Law: what was checked is what is connected to. ``resolve`` returns network addresses, and the caller connects to those
and never asks for the name again, so that a name cannot lead elsewhere the second time (DNS rebinding). A name that
leads to a public and a private address is refused as a whole.
"""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from portal import settings
from portal.kernel.text import N_

LONGEST = 2000
_PORTS = frozenset({80, 443, 8443})
_SCHEMES = {"http": "http", "https": "https", "webcal": "https", "webcals": "https"}
# What is_global of Python lets through and no calendar lives at: transition and relay networks with others inside, and
# what is for inside of a site or for documents (RFC 3879, RFC 9637).
_NOT_DIRECT = [
    ip_network(each)
    for each in (
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "192.88.99.0/24", "192.0.0.0/24",
        "fec0::/10", "3fff::/20",
    )
]  # fmt: skip
IP = IPv4Address | IPv6Address

NO_ADDRESS = N_("This is not the address of a calendar. Please copy all of it; it begins with https:// or webcal://.")
NOT_PUBLIC = N_("This address is not on the public internet, so it is not asked.")
OUR_OWN = N_("This is one of our own calendars. It would block your days with your own bookings.")
WITH_LOGIN = N_("Please take the name and the password out of the address. Use your calendar's secret address instead.")
ODD_PORT = N_("Calendars are only read at the usual ports of the web.")
UNKNOWN_NAME = N_("There is no server of this name. Please check the address.")


class Refused(Exception):
    """Why an address is not read; ``reason`` is a sentence for its owner."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be asked; tests allow their own servers on loopback."""

    allows: Callable[[IP], bool]
    ports: frozenset[int]


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart."""

    is_tls: bool
    host: str
    port: int
    path: str

    @property
    def netloc(self) -> str:
        """For the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address in its plain form, for what it leads on to."""
        return f"{'https' if self.is_tls else 'http'}://{self.netloc}{self.path}"


def is_public(ip: IP) -> bool:
    """Whether everybody on the internet reaches this address, and nobody inside is reached by it."""
    if isinstance(ip, IPv6Address) and (ip.ipv4_mapped or ip.scope_id):
        return False
    if any(ip in network for network in _NOT_DIRECT if network.version == ip.version):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


PUBLIC = Rules(is_public, _PORTS)


def parse(address: str, rules: Rules = PUBLIC) -> Target:
    """Take an address apart without asking anybody. Raises Refused."""
    text = address.strip()
    if not text or len(text) > LONGEST or not text.isprintable() or any(char in text for char in ' \\"<>'):
        raise Refused(NO_ADDRESS)
    try:
        parts = urlsplit(text)
        port, host = parts.port, (parts.hostname or "").rstrip(".")
        host = host if ":" in host else host.encode("idna").decode()
    except ValueError:  # UnicodeError is one
        raise Refused(NO_ADDRESS) from None
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not host:
        raise Refused(NO_ADDRESS)
    if "@" in parts.netloc:
        raise Refused(WITH_LOGIN)
    if host == (urlsplit(settings.current().base_url).hostname or "").rstrip("."):
        raise Refused(OUR_OWN)
    port = port or (443 if scheme == "https" else 80)
    if port not in rules.ports:
        raise Refused(ODD_PORT)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise Refused(NO_ADDRESS)
    target = Target(scheme == "https", host, port, path)
    _refuse_private_literal(target, rules)
    return target


def resolve(target: Target, rules: Rules) -> list[str]:
    """The network addresses of a target, every one of them allowed. Raises Refused."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError):
        raise Refused(UNKNOWN_NAME) from None
    texts = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not all(rules.allows(ip_address(text)) for text in texts):
        raise Refused(NOT_PUBLIC)
    return texts


def _refuse_private_literal(target: Target, rules: Rules) -> None:
    """A number instead of a name needs nobody to be asked, so the owner hears of it in the form."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        is_allowed = target.host != "localhost" and not target.host.endswith((".localhost", ".local", ".internal"))
    else:
        is_allowed = all(rules.allows(ip_address(each[4][0])) for each in found)
    if not is_allowed:
        raise Refused(NOT_PUBLIC)
