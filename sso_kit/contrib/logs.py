"""One JSON object a line, with the hand-shake's id where there is one.

The id is the start of the hand-shake's public challenge, which client and server both
know, so the lines of one log-in are found in every site's log by the same word.
"""

from __future__ import annotations

import getpass
import json
import logging
import re
from datetime import UTC, datetime

STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
# Also where the address is itself a parameter: ``?next=/sso/authorize/%3Ftoken%3D...``
SECRET_PARAMETERS = re.compile(
    r"(access_token|token|state|verifier|private_key)(=|%3D)((?!%26)[^&\s\"'<>])+", re.IGNORECASE
)
UNLOGGED = {"request", "server_time", "status_code"}


def redact(text: str) -> str:
    """A text with the values of token parameters blanked."""
    return SECRET_PARAMETERS.sub(r"\1\2[redacted]", text)


def operator_name() -> str:
    """Who runs a command, as the operating system knows them; a container's user may be nobody."""
    try:
        return f"{getpass.getuser()} (command line)"
    except (ImportError, KeyError, OSError):
        return "command line"


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; ``extra={...}`` become fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in STANDARD and name not in UNLOGGED:
                line[name] = redact(value) if isinstance(value, str) else value
        if record.exc_info:
            line["exception"] = redact(self.formatException(record.exc_info))
        return json.dumps(line, default=str, ensure_ascii=False)
