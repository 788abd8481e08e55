"""Hand-written SQL for the few statements that every hand-shake runs.

Django takes about ten times as long to build such a query as SQLite takes to run it
(docs/performance.md has the figures). Everything that isn't on that path uses the ORM.
Names come from the models, so a custom user model or table works here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
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


def key_value(model: type[models.Model], value: Any) -> Any:
    """A primary key as the database driver takes it: SQLite knows no UUID."""
    assert model._meta.pk is not None
    return model._meta.pk.get_db_prep_value(value, database(model))


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
    connection = database(model)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row = cursor.fetchone()
        columns = tuple(column[0] for column in cursor.description)
    return None if row is None else _plan(model, columns).read(row, connection)


@dataclass(frozen=True)
class _Plan:
    """How a row becomes an instance: Django's ``RawQuerySet`` finds this out for each row."""

    model: Any
    names: list[str]
    fields: list[tuple[int, list[Any], Any]]
    further: list[tuple[int, str]]

    def read(self, row: tuple[Any, ...], connection: BaseDatabaseWrapper) -> Any:
        values = []
        for at, converters, expression in self.fields:
            value = row[at]
            for convert in converters:
                value = convert(value, expression, connection)
            values.append(value)
        found = self.model.from_db(connection.alias, self.names, values)
        for at, name in self.further:
            setattr(found, name, row[at])
        return found


@cache
def _plan(model: Any, columns: tuple[str, ...]) -> _Plan:
    connection = database(model)
    fields = [field for field in model._meta.concrete_fields if field.column in columns]
    expressions = [field.get_col(model._meta.db_table) for field in fields]
    compiler = models.sql.Query(model).get_compiler(connection=connection)
    converters = compiler.get_converters(expressions)
    known = {field.column for field in fields}
    return _Plan(
        model,
        [field.attname for field in fields],
        [
            (columns.index(field.column), converters.get(n, ([], None))[0], expressions[n])
            for n, field in enumerate(fields)
        ],
        [(n, column) for n, column in enumerate(columns) if column not in known],
    )


def by_key(model: type[M], value: Any) -> M | None:
    """The row with this primary key."""
    statement = f"SELECT * FROM {table(model)} WHERE {key(model)} = %s"
    return instance(model, statement, [key_value(model, value)])
