"""What is being worked on just now: the request that somebody waits for, and what it is called.

A proxy names each request (``X-Request-ID``). The name is in every line of the log, and goes along
with what one site asks another meanwhile: so the lines of one visit are found on all sites.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest

REQUEST_ID = "X-Request-ID"
IN_META = "HTTP_X_REQUEST_ID"
NAME = re.compile(r"[A-Za-z0-9_.-]{8,64}")  # what else somebody sends is no name

_request: ContextVar[HttpRequest | None] = ContextVar("sso_kit_request", default=None)
_cause: ContextVar[str] = ContextVar("sso_kit_cause", default="")


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """Until the end of the block, this is the request that somebody waits for."""
    before = _request.set(request)
    try:
        yield
    finally:
        _request.reset(before)


@contextmanager
def because_of(name: str) -> Iterator[None]:
    """Until the end of the block, work is done for something that is called so, and no request."""
    before = _cause.set(name)
    try:
        yield
    finally:
        _cause.reset(before)


def request() -> HttpRequest | None:
    """The one that somebody waits for, if any."""
    return _request.get()


def request_id() -> str:
    """What the work at hand is called; empty where it has no name."""
    if cause := _cause.get():
        return cause
    at_hand = _request.get()
    return id_of(at_hand) if at_hand is not None else ""


def id_of(request: HttpRequest) -> str:
    """What the proxy has called a request; empty where it hasn't, or by no name."""
    name = request.META.get(IN_META, "")
    return name if name and NAME.fullmatch(name) else ""
