"""When a person's browser was last here: ``NoteWhenSeen``, behind allauth's middleware."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from sso_kit.sessions import only_looks

EVERY = 60  # seconds
NOTED = "people_seen"  # in a session: when that was noted
UNSEEN = ("/sso/", "/healthz")  # what an app asks about is in its sign-in


class NoteWhenSeen:
    """One write a minute for a session that is used, none for the others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(UNSEEN) and not only_looks(request):
            self._note(request)
        return self.get_response(request)

    def _note(self, request: HttpRequest) -> None:
        if not request.user.is_authenticated:
            return
        now = int(time.time())
        if now - request.session.get(NOTED, 0) >= EVERY:
            request.session[NOTED] = now
            there = UserSession.objects.filter(session_key=request.session.session_key)
            if not there.update(last_seen_at=timezone.now()):  # from before there were any
                UserSession.objects.create_from_request(request)
