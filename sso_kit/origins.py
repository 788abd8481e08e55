"""Web origins: scheme, host and port (RFC 6454, section 4), compared exactly."""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from urllib.parse import unquote, urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
# No user info, no backslash, no white space or control character, no percent sign: what
# browsers and urllib could read differently is no origin at all.
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
# RFC 6761 and 6762 (sections 6.2, 6.3; 3), ICANN's SAC113, RFC 8375.
OWN_NAMES = (".localhost", ".test", ".local", ".internal", ".home.arpa")
OWN_NETWORKS = [
    ip_network(network)
    for network in (
        *("127.0.0.0/8", "::1/128"),  # this machine
        *("0.0.0.0/32", "::/128"),  # also this one, as runserver prints it
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),  # RFC 1918, RFC 4193
        *("169.254.0.0/16", "fe80::/10"),  # link-local: RFC 3927, RFC 4291
    )
]


def origin_of(url: str) -> str:
    """``scheme://host:port`` of an http(s) URL, default ports written out.

    Raises:
        ValueError: not an absolute http(s) URL, or one that parsers disagree about.
    """
    if FORBIDDEN.search(url) or not url.isascii():
        raise ValueError(f"{url!r} has characters that do not belong in a URL")
    parts = urlsplit(url)
    if parts.scheme not in DEFAULT_PORTS or "@" in parts.netloc:
        raise ValueError(f"{url!r} is not an http(s) URL without user name")
    host = parts.netloc.rsplit(":", 1)[0] if parts.port is not None else parts.netloc
    if not HOST.fullmatch(host.lower()):
        raise ValueError(f"{url!r} has no usable host name")
    return f"{parts.scheme}://{host.lower()}:{parts.port or DEFAULT_PORTS[parts.scheme]}"


def host_of(url: str) -> str:
    """Host, and port unless it is its scheme's default, of an http(s) URL.

    Raises:
        ValueError: as ``origin_of``.
    """
    parts = urlsplit(origin_of(url))
    netloc, port = parts.netloc, DEFAULT_PORTS[parts.scheme]
    return netloc.removesuffix(f":{port}")


def is_back_channel(url: str) -> bool:
    """Whether it is an http(s) URL, or a Unix socket of this machine (``back_channel.route``)."""
    if url.startswith("http+unix://"):
        return unquote(url.removeprefix("http+unix://")).startswith("/")
    try:
        return bool(origin_of(url))
    except ValueError:
        return False


def is_this_machine(origin: str) -> bool:
    """Whether an origin is loopback (RFC 8252, 7.3; RFC 6761, 6.3), or 0.0.0.0 as often shown."""
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def is_out_of_public_reach(origin: str) -> bool:
    """Whether no stranger can make an origin theirs by an entry in the public DNS.

    A project in development takes itself to be where the browser says that it is, so a page
    of ``evil.example`` whose name is pointed at the developer's machine (DNS rebinding) can
    begin a hand-shake that ends at ``evil.example``. The public DNS has neither addresses
    nor names of one word, nor those that are set aside for networks of one's own.
    """
    host = urlsplit(origin).hostname or ""
    try:
        address = ip_address(host)
    except ValueError:
        *_, last = host.split(".")
        # Browsers read 10.1, 0x7f.1 and 167772161 as IPv4 addresses (WHATWG URL, 3.5).
        is_name = not re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last)
        return is_name and ("." not in host or any(map(f".{host}".endswith, OWN_NAMES)))
    return any(address in network for network in OWN_NETWORKS)
