from __future__ import annotations

import os

import pytest

SETTINGS = "DJANGO_SETTINGS_MODULE"
OURS = ("tests.kit.settings", "tests.kit.settings_custom_user")
if os.environ.setdefault(SETTINGS, OURS[0]) not in OURS:
    raise pytest.UsageError(
        f"One project a run: {os.environ[SETTINGS]} is chosen, so leave the kit's tests out."
    )
CUSTOM_USER = os.environ[SETTINGS] == OURS[1]
collect_ignore = [] if CUSTOM_USER else ["custom_user"]

import django  # noqa: E402

django.setup()

from django.test import RequestFactory  # noqa: E402

from tests.kit.clock import Clock  # noqa: E402


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The one clock that signatures, tokens and rotations go by; ``clock.advance(seconds)``."""
    clock = Clock()
    clock.rule(monkeypatch)
    return clock


@pytest.fixture
def browser_request() -> RequestFactory:
    return RequestFactory(headers={"host": "app.test"})
