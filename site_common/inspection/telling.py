"""Collects what ``sso_kit.events`` tells: the steps of one request go out together, at its end."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from sso_kit import conf
from sso_kit.events import Details, Step, step_taken

from .spool import Spool

VERSION = 1
MOST_STEPS = 60  # of one request
logger = logging.getLogger(__name__)
Steps = list[dict[str, Any]]

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


def note(step: Step, level: int, facts: dict[str, Any], details: Details, **_: object) -> None:
    """Signal receiver. What happens outside of any request is told by itself."""
    at = round(time.time(), 6)
    taken = {
        "step": step.name,
        "at": at,
        "level": level,
        "facts": facts,  # secret-free as they are, and ids in them have to stay whole
        "details": details(),
    }
    steps = _steps.get()
    if steps is None:
        write(str(facts.get("request_id", "")), at, [taken])
    elif len(steps) < MOST_STEPS:
        steps.append(taken)


def write(name: str, at: float, steps: Steps, request: dict[str, Any] | None = None) -> None:
    """Write it down for the desk.

    Parameters:
        name: of the request, or of the act that it was done for.
        at: second since 1970 in which it began.
        request: and its answer, see ``middleware``.
    """
    _spool().write(
        {
            "v": VERSION,
            "site": settings.SITE.name,
            "id": name,
            "at": round(at, 6),
            "request": request,
            "steps": steps,
            "off": sorted(map(str, conf.defences_off())),
        }
    )


@cache
def _spool() -> Spool:
    return Spool(Path(settings.INSPECTOR_FOLDER))
