"""Django's session table: a session is written, and read, by one statement."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

from . import rows


def insert(model: Any, key: str, data: str, expires: datetime) -> bool:
    """Write a new session; false where the key is taken.

    Parameters:
        model: Django's ``Session``, or one that is derived from its base.
        data: encoded.
    """
    values = {
        "session_key": key,
        "session_data": data,
        "expire_date": rows.time_value(model, expires),
    }
    return rows.insert_unless_there(model, values)


def find(model: Any, key: str, now: datetime) -> str | None:
    """The encoded data of a session that hasn't expired."""
    found = rows.fetch(model, _find(model), [key, rows.time_value(model, now)])
    return str(found[0][0]) if found else None


@cache
def _find(model: Any) -> str:
    return (
        f"SELECT {rows.column(model, 'session_data')} FROM {rows.table(model)} "
        f"WHERE {rows.column(model, 'session_key')} = %s "
        f"AND {rows.column(model, 'expire_date')} > %s"
    )
