"""Whose request this thread, or task, works on: who does what is put on record.

And what has to wait until its answer is ready.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ..commands import operator_name

WAITING = "sso_waiting"  # on a request
OUTER = "sso_outer"  # likewise: the one that it is asked in, where a project calls itself
MIDDLEWARE = "sso_kit.server.middleware.SessionMiddleware"

_request: ContextVar[HttpRequest | None] = ContextVar("sso_kit.acting", default=None)


def begin(request: HttpRequest) -> None:
    setattr(request, OUTER, _request.get())
    _request.set(request)


def over(request: HttpRequest) -> None:
    """The answer is ready, and its session is written."""
    _request.set(getattr(request, OUTER, None))
    for work in getattr(request, WAITING, ()):
        work(request)


def when_answered(work: Callable[[HttpRequest | None], None]) -> None:
    """Do something when the answer is ready, or now where nobody has asked.

    Parameters:
        work: is given the request.
    """
    here = _request.get()
    if here is None:
        work(None)
    else:
        setattr(here, WAITING, [*getattr(here, WAITING, ()), work])


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
