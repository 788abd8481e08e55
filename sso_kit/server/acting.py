"""Whose request this thread, or task, works on: who does what is put on record."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ..commands import operator_name

MIDDLEWARE = "sso_kit.server.middleware.SessionMiddleware"

_request: ContextVar[HttpRequest | None] = ContextVar("sso_kit.acting", default=None)


def begin(request: HttpRequest) -> None:
    _request.set(request)


def over() -> None:
    _request.set(None)


def request() -> HttpRequest | None:
    return _request.get()


def who(person: Any = None) -> str:
    """The name of who is signed in here; nothing for the person themselves, or for nobody.

    Outside of a request it is who runs the command.
    """
    if _request.get() is None and MIDDLEWARE in settings.MIDDLEWARE:
        return operator_name()
    user = getattr(_request.get(), "user", None)
    if user is None or not user.is_authenticated or (person is not None and user.pk == person.pk):
        return ""
    return str(user.get_username())


def session_of(person: Any) -> str:
    """Key of the session that somebody does something about themselves in."""
    here = _request.get()
    user = getattr(here, "user", None)
    if here is None or user is None or not user.is_authenticated or user.pk != person.pk:
        return ""
    return here.session.session_key or ""
