"""Views that need, or would like to have, somebody signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_urlconf, resolve, reverse

from ..contrib.headers import protect
from ..errors import HandShakeError
from .views import SKIP_CHECK, begin, refused

if TYPE_CHECKING:
    from .client import Client

View = Callable[..., HttpResponse]
SECONDS_AFTER_FAILURE = 30


def current_client() -> Client:
    """The ``Client`` whose URLs this project includes."""
    return _client_of(get_urlconf() or settings.ROOT_URLCONF)


@cache
def _client_of(urlconf: str) -> Client:
    login_view: Any = resolve(reverse("simple-sso-login", urlconf), urlconf).func
    client: Client = login_view.view_initkwargs["client"]
    return client


def login_required(view: View) -> View:
    """Begin a hand-shake for a visitor who isn't signed in; path and query are kept.

    Django's own decorator would redirect to the login view first, a hop more.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        wanted = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        client = current_client()
        try:
            response = begin(client, request, wanted)
        except HandShakeError as error:
            response = refused(client, request, error)
        protect(response)
        return response

    return gate


def passive_login(view: View) -> View:
    """Ask the server once, silently, whether the visitor of a public page is signed in.

    As ``prompt=none`` in OpenID Connect (Core, section 3.1.2.1): never a form, never a
    loop. The answer "no" is remembered for five minutes, a log-out for twelve hours.
    """

    @wraps(view)
    def gate(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        client = current_client()
        if client.legacy_server or not _worth_asking(client, request):  # stock shows its form
            return view(request, *args, **kwargs)
        try:
            response = begin(client, request, request.get_full_path(), passive=True)
        except HandShakeError:
            response = view(request, *args, **kwargs)
            client.handshakes.mark_checked(request, response, SECONDS_AFTER_FAILURE)
            return response
        protect(response)
        return response

    return gate


def _worth_asking(client: Client, request: HttpRequest) -> bool:
    """Only for a person's own look at the page, and only once in a while."""
    return (
        request.method == "GET"
        and not client.handshakes.was_checked(request)
        and SKIP_CHECK not in request.GET
        and "text/html" in request.headers.get("Accept", "")
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in request.headers.get("Sec-Purpose", "")
        and not request.user.is_authenticated
    )
