"""The databases that tests of the kit and of its store run on: SQLite, or a PostgreSQL."""

from __future__ import annotations

import os
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


def postgres(address: str) -> dict[str, Any]:
    """Parameters:
    address: the folder of a server's Unix socket, or ``127.0.0.1:PORT``.
    """
    host, _, port = address.partition(":")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": host,
        "PORT": port,
        "USER": "kit",
        "PASSWORD": os.environ.get("STORE_POSTGRES_PASSWORD", ""),
        "NAME": "postgres",
        "TEST": {"NAME": f"test_{os.getpid()}"},
    }


def database(folder: str, name: str) -> dict[str, Any]:
    """The PostgreSQL that the environment names, else SQLite."""
    address = os.environ.get("STORE_POSTGRES")
    return postgres(address) if address else sqlite(folder, name)
