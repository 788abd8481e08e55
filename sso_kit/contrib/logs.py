"""One JSON object a line, with the hand-shake's id where there is one.

The id is the start of the hand-shake's public challenge, which client and server both
know, so the lines of one log-in are found in every site's log by the same word.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from ..events import Line
from ..redaction import redact

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
UNLOGGED = {"request", "server_time", "status_code"}
ENCODER = json.JSONEncoder(default=str, ensure_ascii=False)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; ``extra={...}`` become fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(_event(record)),
        }
        for name, value in record.__dict__.items():
            if name not in STANDARD and name not in UNLOGGED:
                line[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return ENCODER.encode(line)


def _event(record: logging.LogRecord) -> str:
    """A step's short text: its facts are fields of their own."""
    said: object = record.msg
    return said.event if isinstance(said, Line) else record.getMessage()
