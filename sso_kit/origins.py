"""Web origins: scheme, host and port (RFC 6454, section 4), compared exactly."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
# No user info, no backslash, no white space or control character, no percent sign: what
# browsers and urllib could read differently is no origin at all.
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")


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


def is_loopback(origin: str) -> bool:
    """Whether an origin names this machine (RFC 8252, section 7.3; RFC 6761, section 6.3)."""
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
