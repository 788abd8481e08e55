"""Views that need, or would like to have, somebody signed in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse

from .. import events
from ..errors import HandShakeError
from ..events import Step
from ..responses import protect
from .installed import current_client
from .protocol import RelyingParty
from .views import SKIP_CHECK, begin, refused

View = Callable[..., HttpResponse]
SECONDS_AFTER_FAILURE = 30


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
        if not _worth_asking(client, request):
            return view(request, *args, **kwargs)
        try:
            response = begin(client, request, request.get_full_path(), passive=True)
        except HandShakeError as error:
            if error.level >= events.ERROR:  # else the page does without, and nobody need know
                events.tell(Step.REFUSED, error)
            response = view(request, *args, **kwargs)
            client.handshakes.mark_checked(request, response, SECONDS_AFTER_FAILURE)
            return response
        protect(response)
        return response

    return gate


def _worth_asking(client: RelyingParty, request: HttpRequest) -> bool:
    """Only for a person's own look at the page, and only once in a while."""
    return (
        client.dialect.asks_silently
        and request.method == "GET"
        and not client.handshakes.was_checked(request)
        and SKIP_CHECK not in request.GET
        and "text/html" in request.headers.get("Accept", "")
        and request.headers.get("Sec-Fetch-Dest", "document") == "document"
        and "prefetch" not in request.headers.get("Sec-Purpose", "")
        and not request.user.is_authenticated
    )
