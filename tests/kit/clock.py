"""Time as a fixture: nobody waits for a token to grow old."""

from __future__ import annotations

import time
from datetime import UTC, datetime, tzinfo
from types import SimpleNamespace

import pytest

CLOCKS = ("itsdangerous.timed.time", "django.core.signing.time")
CALENDARS = ("sso_kit.clock.now", "sso_kit.clock.utc", "django.utils.timezone.now")


class Clock:
    """Real time, and as many seconds later as ``advance`` was told."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def advance(self, seconds: float) -> None:
        self.ahead += seconds

    def time(self) -> float:
        return time.time() + self.ahead

    def now(self, zone: tzinfo | None = UTC) -> datetime:
        return datetime.fromtimestamp(self.time(), zone)

    def rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in CLOCKS:
            monkeypatch.setattr(name, SimpleNamespace(time=self.time))
        for name in CALENDARS:
            monkeypatch.setattr(name, self.now)
