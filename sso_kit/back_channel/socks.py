"""Connections with a deadline through a SOCKS proxy. They need PySocks, as those of requests do."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from requests.utils import get_auth_from_url
from urllib3 import PoolManager

from .deadline import Connection


def is_there() -> bool:
    return find_spec("socks") is not None


def through(proxy: str, **kept: Any) -> PoolManager:
    """Connections by way of a proxy, whose URL has name and password in it where it wants them.

    Raises:
        ImportError: without PySocks.
    """
    from urllib3.contrib import socks

    class Socks(Connection, socks.SOCKSConnection):
        pass

    class TLSSocks(Connection, socks.SOCKSHTTPSConnection):
        pass

    class Pool(socks.SOCKSHTTPConnectionPool):
        ConnectionCls = Socks

    class TLSPool(socks.SOCKSHTTPSConnectionPool):
        ConnectionCls = TLSSocks

    name, password = get_auth_from_url(proxy)
    manager = socks.SOCKSProxyManager(proxy, name or None, password or None, **kept)
    manager.pool_classes_by_scheme = {"http": Pool, "https": TLSPool}
    return manager
