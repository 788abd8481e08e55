"""The kit's one clock; how old something is, is judged by a time that is handed on from it.

Tests hold it (``tests/kit/clock.py``). Signed texts carry the time of the libraries that sign
them; how old one is, is judged by this clock where the kit judges it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import NamedTuple

from django.utils import timezone


def now() -> datetime:
    """As the project's tables have it: aware, or naive where ``USE_TZ`` is off."""
    return timezone.now()


def utc() -> datetime:
    """Aware, whatever the project's tables have."""
    return datetime.fromtimestamp(time.time(), UTC)


class Instant(NamedTuple):
    """A moment, by both clocks.

    Attributes:
        utc: seconds since 1970.
        monotonic: seconds that never jump.
    """

    utc: float
    monotonic: float


def instant() -> Instant:
    return Instant(utc().timestamp(), monotonic())


def monotonic() -> float:
    """Seconds that never jump, for time budgets."""
    return time.monotonic()
