"""A site's two doors: one for browsers, behind nginx, and one for the other sites.

On the back door only the back channel answers. Nobody there is a proxy, so what a proxy would
add to a request is dropped: a forged ``X-Forwarded-For`` counts for nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
# What answers there: at the server the apps' questions, at an app what the server tells.
OF_A_SERVER = frozenset(
    {"/sso/request-token/", "/sso/verify/", "/sso/session/", "/sso/sign-out/", "/healthz"}
)
OF_AN_APP = frozenset({"/sso/session-ended/", "/healthz"})
FROM_PROXIES = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


def with_back_door(
    application: WSGIApplication, bind: str, base_url: str, paths: frozenset[str]
) -> WSGIApplication:
    """The application, of which requests that come in at ``bind`` see little.

    Parameters:
        bind: the second address that gunicorn listens on: ``HOST:PORT`` or ``unix:PATH``.
            Empty: there is no such door.
        base_url: of the site. The others reach it under other names; it only answers to its own.
        paths: that answer there.
    """

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not bind or not _came_in_at(bind, environ):
            return application(environ, start_response)
        if environ["PATH_INFO"] not in paths:
            log.warning("refused at the back door", extra={"path": environ["PATH_INFO"]})
            text = [("Content-Type", "text/plain"), ("Content-Length", "0")]
            start_response("404 Not Found", text)
            return []
        return application(_without_claims(environ, base_url), start_response)

    return guarded


def _came_in_at(bind: str, environ: WSGIEnvironment) -> bool:
    """gunicorn has each request's socket in the environment; a test's has none."""
    connection = environ.get("gunicorn.socket")
    here: Any = connection.getsockname() if connection else None
    if isinstance(here, tuple):
        return str(here[1]) == bind.rpartition(":")[2]
    return bool(here) and bind == f"unix:{here}"


def _without_claims(environ: WSGIEnvironment, base_url: str) -> WSGIEnvironment:
    kept = {key: value for key, value in environ.items() if not key.startswith(FROM_PROXIES)}
    return kept | {"HTTP_HOST": urlsplit(base_url).netloc}
