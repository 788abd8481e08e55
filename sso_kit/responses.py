"""What every answer of the kit's own views has: safe headers, and no unread request behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

DEFAULT_CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
MOST = 256 * 1024  # bytes; four times what gunicorn reads off by itself
PIECE = 64 * 1024


def protect(response: HttpResponseBase, csp: str = DEFAULT_CSP) -> None:
    """Set the headers that a response doesn't carry yet: no token leaks, no page is framed.

    RFC 9700 (OAuth 2.0 Security Best Current Practice), sections 4.2 and 4.16. The referrer
    policy is not "no-referrer": that makes browsers send ``Origin: null`` with forms, which
    Django's CSRF check refuses. The bare origin tells nothing.
    """
    for name, value in (
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "strict-origin"),
        ("Content-Security-Policy", csp),
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
    ):
        response.headers.setdefault(name, value)


def plain(text: str, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """A text for another site."""
    response = HttpResponse(text, status=status, content_type="text/plain", headers=headers)
    protect(response)
    return response


def discard(request: HttpRequest) -> None:
    """What ``contrib.bodies`` does, for one view in a project that isn't wrapped in it.

    Call it before the view answers, whether or not it has read some of the body.
    """
    read_off(request.read, MOST)


def read_off(read: Callable[[int], Any], most: int) -> None:
    """Read at most so many bytes and forget them.

    A sender who breaks off, or sends what is no body, fails here: the server has noticed too
    and closes the connection, and whatever the application answers is still sent.
    """
    try:
        while most > 0 and (piece := read(min(PIECE, most))):
            most -= len(piece)
    except Exception:
        return
