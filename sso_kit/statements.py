"""Hand-written SQL for the few statements that every hand-shake runs.

Django takes about ten times as long to build such a query as SQLite takes to run it
(docs/performance.md has the figures). Everything that isn't on that path uses the ORM.
Names come from the models, so a custom user model or table works here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper

M = TypeVar("M", bound=models.Model)


def database(model: type[models.Model]) -> BaseDatabaseWrapper:
    """The connection that a model's rows are written to."""
    return connections[router.db_for_write(model)]


def table(model: type[models.Model]) -> str:
    """A model's table, quoted."""
    return database(model).ops.quote_name(model._meta.db_table)


def key(model: type[models.Model]) -> str:
    """A model's primary key column, quoted."""
    assert model._meta.pk is not None
    return database(model).ops.quote_name(str(model._meta.pk.column))


def fetch(model: type[models.Model], sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    """All rows, as plain tuples of texts and numbers."""
    with database(model).cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def change(model: type[models.Model], sql: str, parameters: Sequence[Any]) -> int:
    """Run a statement; how many rows it touched."""
    with database(model).cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


def instance(model: type[M], sql: str, parameters: Sequence[Any]) -> M | None:
    """The first row as a model instance, further columns as attributes."""
    raw = model._default_manager.using(router.db_for_write(model)).raw(sql, parameters)
    return next(iter(raw), None)


def by_key(model: type[M], value: Any) -> M | None:
    """The row with this primary key."""
    return instance(model, f"SELECT * FROM {table(model)} WHERE {key(model)} = %s", [value])
