"""The kit's headers on every page: ``sso_kit.contrib.headers.SecurityHeadersMiddleware``."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from ..responses import DEFAULT_CSP, protect


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
