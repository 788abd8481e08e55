"""What a line of the log says, in short and in whole."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from sso_kit.contrib.logs import JsonFormatter


def event(record: logging.LogRecord) -> str:
    """A step's text without its facts."""
    return str(as_json(record)["event"])


def as_json(record: logging.LogRecord) -> dict[str, Any]:
    return dict(json.loads(JsonFormatter().format(record)))


def lines(caplog: pytest.LogCaptureFixture, side: str) -> list[str]:
    """The log of one side, ``client`` or ``server``, as Python's own logging writes it."""
    return [
        f"{record.levelname} {record.getMessage()}"
        for record in caplog.records
        if record.name == f"sso_kit.{side}"
    ]
