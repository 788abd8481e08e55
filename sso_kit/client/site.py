"""Where browsers reach this site: ``base_url``, and what a request says about it.

``base_url`` may have a path. Either Django knows it (``SCRIPT_NAME``, ``FORCE_SCRIPT_NAME``),
and then it is in every path that ``reverse`` gives; or a proxy takes it off, and then it has to
be put before.
"""

from __future__ import annotations

import threading
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.urls import get_script_prefix

from .. import events
from ..events import Step
from ..origins import origin_of

MOST_WARNINGS = 32  # of one process: where any host is let in, anybody can think of more

_warned: set[tuple[str, str]] = set()
_lock = threading.Lock()


def url_of(base_url: str, path: str) -> str:
    """How browsers reach a path of this project, as ``reverse`` gives it."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}{_hidden_root(base_url)}{path}"


def path_of(base_url: str, path: str) -> str:
    """The other way round: what this project calls a path that browsers ask for.

    Raises:
        ValueError: the path is outside of ``base_url``.
    """
    root = _hidden_root(base_url)
    if not path.startswith(f"{root}/"):
        raise ValueError(f"{path} is not below {base_url}")
    return path.removeprefix(root)


def _hidden_root(base_url: str) -> str:
    """The path of ``base_url``, if Django doesn't know it."""
    root = urlsplit(base_url).path.rstrip("/")
    return "" if get_script_prefix().startswith(f"{root}/") else root


def warn_of_another_address(base_url: str, request: HttpRequest) -> None:
    """Say in the log, once, that a browser's hand-shake can't come back to its cookie."""
    try:
        asked = f"{request.scheme}://{request.get_host()}"
        differs = _name(asked) != _name(base_url)
    except (DisallowedHost, ValueError):
        return
    if (differs or _scheme_differs(base_url, request)) and _is_new(asked, base_url):
        events.tell(
            Step.ANOTHER_ADDRESS,
            reason=f"This app was asked as {asked}, and its base_url is {base_url}. A browser "
            "that begins at the one has no cookie at the other, and nobody is signed in: send "
            "people to base_url, or change it. If a proxy in between replaces the Host header, "
            "let it pass on the browser's (nginx: proxy_set_header Host $host).",
        )


def _name(url: str) -> str:
    """Cookies know no ports."""
    return urlsplit(origin_of(url)).hostname or ""


def _scheme_differs(base_url: str, request: HttpRequest) -> bool:
    """Cookies for https stay there. Behind a proxy that doesn't say so, nobody knows."""
    is_https = base_url.startswith("https://")
    if request.is_secure():
        return not is_https
    return is_https and settings.SECURE_PROXY_SSL_HEADER is not None


def _is_new(asked: str, base_url: str) -> bool:
    with _lock:
        if (asked, base_url) in _warned or len(_warned) >= MOST_WARNINGS:
            return False
        _warned.add((asked, base_url))
        return True
