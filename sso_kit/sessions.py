"""Django's session middleware, for both halves of the kit: an end in between is no error.

A session can end while a request of it is under way: a log-out elsewhere, a time-out. Django then
answers that request with a bare 400 (``SessionInterrupted``), whatever the view has done.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers

from .at_hand import serving
from .requests import header

HOW = "sso_kit_how"  # in a session of Django's: what began it
LOOKS = "X-SSO-Looks"  # a header that no page of another site can add


class SessionMiddleware(DjangoSessionMiddleware):
    """In the place of Django's own, whose subclass it is.

    What the view has answered goes out, as it would have a moment earlier, and the browser forgets
    the session: its next request is a stranger's.
    """

    def __call__(self, request: HttpRequest) -> Any:
        """The answer, or where the project is asynchronous what becomes one."""
        with serving(request):
            return super().__call__(request)

    async def __acall__(self, request: HttpRequest) -> Any:
        with serving(request):
            return await super().__acall__(request)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            forget(response)
            return response


def forget(response: HttpResponse) -> None:
    """Take the session's cookie back."""
    response.delete_cookie(
        settings.SESSION_COOKIE_NAME,
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        samesite=settings.SESSION_COOKIE_SAMESITE,  # type: ignore[arg-type, unused-ignore]  # as a project has it
    )
    patch_vary_headers(response, ("Cookie",))


def how(session: Any) -> str:
    """What a session was begun by: a hand-shake's id in the logs, else a request's."""
    return str(session.get(HOW, ""))


def has_cookie(request: HttpRequest) -> bool:
    return settings.SESSION_COOKIE_NAME in request.COOKIES


def only_looks(request: HttpRequest) -> bool:
    """Whether a script asks by itself: that is no use of a session."""
    return header(request, LOOKS) == "1"


class unnoticed:
    """Look into a session without the page depending on it: no ``Vary: Cookie`` by itself."""

    def __init__(self, session: SessionBase) -> None:
        self.session, self.accessed = session, session.accessed

    def __enter__(self) -> SessionBase:
        return self.session

    def __exit__(self, *_: object) -> None:
        self.session.accessed = self.accessed
