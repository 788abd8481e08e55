"""Sessions of the identity server: ``sso_kit.server.middleware.SessionMiddleware``.

In the place of Django's own. Without it, time-outs aren't kept, and who signs in as somebody else
leaves the apps of whoever was there before.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse

from ..sessions import SessionMiddleware as Base
from ..sessions import has_cookie, only_looks, unnoticed
from . import acting, courier, ending, log_ins, sessions, sign_ins
from .ending import Act
from .models import Reason


@dataclass(frozen=True)
class Before:
    """Whose session a request came with."""

    key: str
    user: str


class SessionMiddleware(Base):
    """Ends sessions that have lasted long enough, and notices what becomes of the others."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        acting.begin(request)
        if has_cookie(request):
            with unnoticed(request.session):
                self._look(request)
        courier.look()

    def _look(self, request: HttpRequest) -> None:
        session = request.session
        user, key = session.get(SESSION_KEY), session.session_key
        if user is None or not key:
            return
        why = sessions.why_over(session)
        if why is not None:
            ending.end_session(key, Act(Reason(why)))
            request.sso_ended = why  # type: ignore[attr-defined]  # for the project's pages
        if why is not None or sessions.is_ended(key):
            session.flush()
            return
        if not only_looks(request):
            sessions.note_use(session)
        request.sso_session_before = Before(key, user)  # type: ignore[attr-defined]  # as above

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        before = getattr(request, "sso_session_before", None)
        try:
            if before is not None:
                with unnoticed(request.session):
                    _follow(before, request)
            log_ins.note_form(request, response)
            return super().process_response(request, response)
        finally:
            acting.over(request)


def _follow(before: Before, request: HttpRequest) -> None:
    """The same person under another key, or nobody any more by the project's own way."""
    session = request.session
    if session.session_key == before.key:
        return
    if session.get(SESSION_KEY) == before.user and session.session_key:
        sign_ins.move(before.key, session.session_key)
    else:
        ending.end_session(before.key, Act(Reason.LOG_OUT))
