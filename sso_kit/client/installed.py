"""The ``Client`` of this project, found by its addresses."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.urls import NoReverseMatch, get_urlconf, reverse

from ..routes import view_at


def current_client() -> Any:
    """The ``Client`` whose URLs this project includes. Raises ``LookupError`` without one."""
    return _client_of(get_urlconf() or settings.ROOT_URLCONF)


@cache
def _client_of(urlconf: str) -> Any:
    try:
        login_view: Any = view_at(reverse("simple-sso-login", urlconf), urlconf)
        return login_view.view_initkwargs["client"]
    except (NoReverseMatch, AttributeError, KeyError) as error:
        raise LookupError(
            "No Client's URLs are included in this project: path('sso/', include(sso.get_urls()))"
        ) from error
