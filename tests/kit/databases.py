"""The SQLite databases that tests of the kit and of its store run on."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def sqlite(folder: str, name: str) -> dict[str, Any]:
    """A file, because threads can't write to one in-memory database at the same time."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(folder) / f"{name}.sqlite3",
        "TEST": {"NAME": Path(folder) / "test.sqlite3"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;",
        },
    }
