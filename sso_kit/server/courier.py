"""A thread that tells the apps again what they haven't confirmed; there is one while there is any.

What is pending is in the database, so a restart, or the end of a process, loses none: whichever
process looks next (``look``) goes on with it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from contextlib import suppress

from django.db import DatabaseError, connections

from .. import clock, conf, events
from ..events import Step
from . import telling

LOOK_SECONDS = 30.0  # how often a process that has no courier looks whether one is needed
SHORTEST_NAP, LONGEST_NAP = 0.2, 15.0


class _State:
    thread: threading.Thread | None = None
    process = 0  # that the thread is of: gunicorn forks
    looked = float("-inf")
    woken = threading.Event()


_lock = threading.Lock()


def inform(endings: Iterable[int]) -> None:
    """Tell the apps now, and again later what they don't confirm; see ``telling.inform``."""
    if not telling.inform(endings):
        wake()


def look() -> None:
    """Start the courier where something is pending that another process has left."""
    if not conf.tell_again() or clock.monotonic() < _State.looked + LOOK_SECONDS:
        return
    _State.looked = clock.monotonic()
    with suppress(DatabaseError):  # a request that comes by has other things to do
        if next(telling.pending(), None) is not None:
            wake()


def wake() -> None:
    """Something is pending."""
    if not conf.tell_again():
        return
    with _lock:
        _State.woken.set()
        alive = _State.thread is not None and _State.thread.is_alive()
        if alive and _State.process == os.getpid():
            return
        _State.process = os.getpid()
        _State.thread = threading.Thread(target=_run, name="sso-kit-courier", daemon=True)
        _State.thread.start()


def _run() -> None:
    while True:
        try:
            nap = _round()
        except DatabaseError as error:
            events.tell(Step.APP_NOT_TOLD, reason=f"The database fails: {error}"[:200])
            nap = LONGEST_NAP
        finally:
            connections.close_all()
        if nap is None:
            return
        _State.woken.wait(nap)


def _round() -> float | None:
    """Tell what is due; how long to wait then, in seconds. ``None``: nothing is pending."""
    _State.woken.clear()
    while telling.tell_due():
        pass
    with _lock:
        first = next(telling.pending(), None)
        if first is None and not _State.woken.is_set():
            _State.thread = None
            return None
    if first is None or first.next_try is None:
        return SHORTEST_NAP
    left = (first.next_try - clock.now()).total_seconds()
    return min(LONGEST_NAP, max(SHORTEST_NAP, left))
