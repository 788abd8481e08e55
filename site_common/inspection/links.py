"""Where at the desk a hand-shake is drawn; "how did I get in?"."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from lab import table
from sso_kit import at_hand
from sso_kit.sessions import how

from . import telling


@cache
def inspector_url() -> str:
    """The desk's page of hand-shakes; empty where there is none."""
    desk = table.load().desk
    return f"{desk.url(settings.LAB_PORT)}/inspector/" if desk and telling.is_on() else ""


def of(name: str) -> str:
    """The page of one hand-shake, by the id of it or of a request; empty where there is none."""
    return f"{inspector_url()}{quote(name, safe='')}/" if name and inspector_url() else ""


def links(request: HttpRequest) -> dict[str, object]:
    """Context processor: ``how_url`` for who is signed in, ``request_url`` for this request."""
    return {
        "how_url": SimpleLazyObject(lambda: _how(request)),
        "request_url": of(at_hand.id_of(request)),
        "inspector_url": inspector_url(),
    }


def _how(request: HttpRequest) -> str:
    user, session = getattr(request, "user", None), getattr(request, "session", None)
    if user is None or session is None or not user.is_authenticated:
        return ""
    return of(how(session))
