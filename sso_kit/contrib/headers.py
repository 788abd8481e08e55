"""Headers that keep tokens from leaking and pages from being framed.

RFC 9700 (OAuth 2.0 Security Best Current Practice), sections 4.2 and 4.16.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

DEFAULT_CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def protect(response: HttpResponseBase, csp: str = DEFAULT_CSP) -> None:
    """Set the headers that a response doesn't carry yet.

    The referrer policy is not "no-referrer": that makes browsers send ``Origin: null`` with
    forms, which Django's CSRF check refuses. The bare origin tells nothing.
    """
    for name, value in (
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "strict-origin"),
        ("Content-Security-Policy", csp),
        ("X-Frame-Options", "DENY"),
        ("X-Content-Type-Options", "nosniff"),
    ):
        response.headers.setdefault(name, value)


class SecurityHeadersMiddleware:
    """``protect`` for every page of a site; ``CONTENT_SECURITY_POLICY`` replaces the CSP.

    Goes first in ``MIDDLEWARE``, above WhiteNoise's, whose files keep their own caching.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.csp = getattr(settings, "CONTENT_SECURITY_POLICY", DEFAULT_CSP)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        protect(response, self.csp)
        return response
