"""Which way the back channel takes: straight, through a proxy, or to a socket of this machine.

Proxies and certificate authorities are those that the environment names, with the meaning that
they have for requests, which stock asks by: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY, in
capitals or not; REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from requests.utils import (
    DEFAULT_CA_BUNDLE_PATH,
    get_auth_from_url,
    get_environ_proxies,
    prepend_scheme_if_needed,
    select_proxy,
)
from urllib3.exceptions import HTTPError

from ..errors import ServerUnavailable
from . import deadline, socks

BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")  # the first that is set counts
NO_WAY = "The identity server can't be asked: this app's environment doesn't let it."

NO_PROXY = (
    "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY isn't the URL of an HTTP or SOCKS proxy, such as "
    "http://proxy.example:3128. NO_PROXY names hosts that are reached without one."
)
NO_SOCKS = (
    "A SOCKS proxy needs PySocks: pip install 'requests[socks]'. Or name the server in NO_PROXY."
)


@dataclass(frozen=True)
class Route:
    """Kept connections to a host, and what the targets of its requests begin with."""

    connections: urllib3.HTTPConnectionPool
    target: str


def to(url: str, most: int) -> Route:
    """The way to a URL; ``most`` connections are kept, more are made and not kept.

    ``http+unix://%2Frun%2Fserver.sock/sso/`` is a socket of this machine, its path
    percent-encoded, as requests-unixsocket writes it. No proxy is asked for it.

    Raises:
        ServerUnavailable: the environment names a proxy or a bundle that can't be used.
    """
    parts = urlsplit(url)
    kept: dict[str, Any] = {"maxsize": most, "block": False}
    if parts.scheme == "http+unix":  # .netloc: .hostname is in lower case
        return Route(deadline.unix_pool(unquote(parts.netloc), **kept), parts.path)
    if parts.scheme == "https":
        kept["ssl_context"] = _context()
    proxy = select_proxy(url, get_environ_proxies(url, no_proxy=None))
    try:
        manager = _through(proxy, kept) if proxy else _straight(kept)
        connections = manager.connection_from_url(url)
    except (HTTPError, ValueError) as error:
        raise ServerUnavailable(NO_WAY, remedy=NO_PROXY) from error
    # An HTTP proxy is told the whole address, unless it lets TLS through to its host.
    return Route(connections, url if connections.proxy and parts.scheme == "http" else parts.path)


def _straight(kept: dict[str, Any]) -> urllib3.PoolManager:
    manager = urllib3.PoolManager(**kept)
    manager.pool_classes_by_scheme = deadline.POOLS
    return manager


def _through(proxy: str, kept: dict[str, Any]) -> urllib3.PoolManager:
    proxy = prepend_scheme_if_needed(proxy, "http")  # type: ignore[no-untyped-call]  # no stub
    if proxy.lower().startswith("socks"):
        if not socks.is_there():
            raise ServerUnavailable(NO_WAY, remedy=NO_SOCKS)
        return socks.through(proxy, **kept)
    name, password = get_auth_from_url(proxy)
    own = urllib3.make_headers(proxy_basic_auth=f"{name}:{password}") if name else {}
    tls = _context() if proxy.lower().startswith("https") else None
    if tls:  # where urllib3 2.2 looks for it when there is no tunnel
        kept = {"ssl_context": tls, **kept}
    manager = urllib3.ProxyManager(proxy, proxy_headers=own, proxy_ssl_context=tls, **kept)
    manager.pool_classes_by_scheme = deadline.POOLS
    return manager


def _context() -> ssl.SSLContext:
    """What trusts the authorities of the bundle that is named, else the system's and certifi's."""
    for variable in BUNDLES:
        if place := os.environ.get(variable):
            return _of_bundle(variable, place)
    context = deadline.context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    return context


def _of_bundle(variable: str, place: str) -> ssl.SSLContext:
    """A file of certificates, or a folder with hashed names."""
    try:
        return deadline.context(**{"capath" if Path(place).is_dir() else "cafile": place})
    except OSError as error:
        remedy = (
            f"{variable} names {place}, which is no readable file or folder of certificates: "
            "mend it, or take the variable out of this app's environment."
        )
        raise ServerUnavailable(NO_WAY, remedy=remedy) from error
