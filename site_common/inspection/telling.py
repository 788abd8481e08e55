"""Collects what ``sso_kit.events`` tells: the steps of one request go out together.

A request only leaves behind what it was; a thread of the process puts it into words a moment later,
several at a time, so that a hand-shake waits for none of it.
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from sso_kit import conf
from sso_kit.events import Step, Words, step_taken

from .spool import Spool

VERSION = 1
MOST_STEPS = 60  # of one request
MOST_WAITING = 512  # requests of one process; what comes on top of them is dropped
PAUSE = 0.2  # seconds in which more may come
logger = logging.getLogger(__name__)
Taken = tuple[str, float, int, dict[str, Any], Words]
Steps = list[Taken]

_steps: ContextVar[Steps | None] = ContextVar("inspected_steps", default=None)


def is_on() -> bool:
    """In lab mode, where there is a desk, unless it is switched off."""
    return bool(settings.LAB_MODE and settings.INSPECTOR and settings.INSPECTOR_FOLDER)


def listen() -> None:
    """Connect the receiver, once."""
    step_taken.connect(note, dispatch_uid="site_common.inspection")


@contextmanager
def collecting() -> Iterator[Steps]:
    """What is told until the end of the block, in the order in which it happened."""
    steps: Steps = []
    before = _steps.set(steps)
    try:
        yield steps
    finally:
        _steps.reset(before)


def note(step: Step, level: int, facts: dict[str, Any], details: Words, **_: object) -> None:
    """Signal receiver. What happens outside of any request is written down at once."""
    taken: Taken = step.name, time.time(), level, facts, details
    steps = _steps.get()
    if steps is None:
        name = str(facts.get("request_id", ""))
        outbox().write([_record(name, taken[1], [taken])])
    elif len(steps) < MOST_STEPS:
        steps.append(taken)


def leave(name: str, at: float, steps: Steps, described: Words) -> None:
    """Leave a request behind, to be written down in a moment.

    Parameters:
        name: what the proxy calls it.
        at: second since 1970 in which it began.
        described: puts it and its answer into words; called once, by another thread.
    """
    outbox().leave(lambda: _record(name, at, steps, described))


def _record(name: str, at: float, steps: Steps, described: Words | None = None) -> dict[str, Any]:
    return {
        "v": VERSION,
        "site": settings.SITE.name,
        "id": name,
        "at": round(at, 6),
        "request": described() if described else None,
        "steps": [
            {
                "step": step,
                "at": round(when, 6),
                "level": level,
                "facts": facts,  # secret-free as they are, and ids in them have to stay whole
                "details": details(),
            }
            for step, when, level, facts, details in steps
        ],
        "off": sorted(map(str, conf.defences_off())),
    }


class Outbox:
    """What waits to be written down, in one process."""

    def __init__(self, spool: Spool) -> None:
        self.spool = spool
        self.waiting: deque[Callable[[], dict[str, Any]]] = deque()
        self.something = threading.Event()
        self.process = 0

    def leave(self, record: Callable[[], dict[str, Any]]) -> bool:
        """Whether there was room. Never waits."""
        if len(self.waiting) >= MOST_WAITING:
            return False
        self.waiting.append(record)
        if self.process != os.getpid():
            self._begin()
        if not self.something.is_set():
            self.something.set()
        return True

    def flush(self) -> None:
        """Write down all that waits."""
        records = []
        while self.waiting:
            try:
                records.append(self.waiting.popleft()())
            except Exception:  # one that can't be put into words is no reason to lose the others
                logger.exception("a request couldn't be told")
        self.write(records)

    def write(self, records: list[dict[str, Any]]) -> None:
        if records:
            self.spool.write(*records)

    def _begin(self) -> None:
        """A thread of this process: of a forked one, the parent's isn't there."""
        self.process, self.something = os.getpid(), threading.Event()
        threading.Thread(target=self._run, name="inspection", daemon=True).start()
        atexit.register(self.flush)

    def _run(self) -> None:
        while True:
            self.something.wait()
            time.sleep(PAUSE)
            self.something.clear()
            self.flush()


@cache
def outbox() -> Outbox:
    return Outbox(Spool(Path(settings.INSPECTOR_FOLDER)))
