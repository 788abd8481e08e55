"""From a statement to model instances, without building a query.

Names come from the models, so a custom user model or table works here too. A statement
names the columns of each model that it reads, in the model's own order (``columns``), and
``Reader`` takes them from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db import IntegrityError, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from ..databases import alias, atomic

Model = type[models.Model]
Row = tuple[Any, ...]


def database(model: Model) -> BaseDatabaseWrapper:
    """The connection that a model's rows are written to."""
    return connections[alias(model)]


def table(model: Model) -> str:
    """A model's table, quoted."""
    return database(model).ops.quote_name(model._meta.db_table)


def column(model: Model, field: str) -> str:
    """A field's column, quoted; ``pk`` is the primary key's."""
    options = model._meta
    found: Any = options.pk if field == "pk" else options.get_field(field)
    return database(model).ops.quote_name(found.column)


def columns(model: Model, alias: str) -> str:
    """All columns of a model, as ``Reader`` reads them; wants ``join_parents`` for the alias."""
    return ", ".join(_place(model, field, alias) for field in model._meta.concrete_fields)


def join_parents(model: Model, alias: str) -> str:
    """SQL: the tables that a model inherits from, its nearest first; nothing for most models."""
    joins = []
    for parent in _parents(model):
        link = model._meta.get_ancestor_link(parent)
        key = _place(model, parent._meta.pk, alias)
        name = _alias(model, parent, alias)
        joins.append(f" JOIN {table(parent)} {name} ON {key} = {_place(model, link, alias)}")
    return "".join(joins)


def _place(model: Model, field: Any, alias: str) -> str:
    """A column of a model, or of one that it inherits from."""
    return f"{_alias(model, field.model, alias)}.{database(model).ops.quote_name(field.column)}"


def _alias(model: Model, owner: Any, alias: str) -> str:
    """``u`` is the model's own table, ``u0`` that of its nearest parent."""
    parents = _parents(model)
    return f"{alias}{parents.index(owner)}" if owner in parents else alias


def _parents(model: Model) -> list[Any]:
    owners = dict.fromkeys(field.model for field in model._meta.concrete_fields)
    return [owner for owner in reversed(owners) if owner is not model._meta.concrete_model]


def key_value(model: Model, value: Any) -> Any:
    """A primary key as the database driver takes it: SQLite knows no UUID."""
    assert model._meta.pk is not None
    return model._meta.pk.get_db_prep_value(value, database(model))


def time_value(model: Model, moment: datetime) -> Any:
    """A time as the database driver takes it."""
    return database(model).ops.adapt_datetimefield_value(moment)


def fetch(model: Model, sql: str, parameters: Sequence[Any]) -> list[Row]:
    """All rows, as the driver gives them."""
    with database(model).cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())


def change(model: Model, sql: str, parameters: Sequence[Any]) -> int:
    """Run a statement; how many rows it touched."""
    with database(model).cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


@dataclass(frozen=True)
class Reader:
    """How some of a row's values become an instance; Django finds this out for each query.

    Attributes:
        converters: of those that need any: which value it is, and its expression.
        width: how many values of the row are the instance's.
    """

    model: Any
    names: list[str]
    converters: list[tuple[int, list[Any], Any]]

    @property
    def width(self) -> int:
        return len(self.names)

    def read(self, row: Row, start: int = 0) -> Any:
        """The instance whose values begin at ``start``."""
        connection = database(self.model)
        values = list(row[start : start + self.width])
        for at, converters, expression in self.converters:
            for convert in converters:
                values[at] = convert(values[at], expression, connection)
        return self.model.from_db(connection.alias, self.names, values)


@cache
def reader(model: Model) -> Reader:
    connection, fields = database(model), model._meta.concrete_fields
    expressions = [field.get_col(model._meta.db_table) for field in fields]
    converters = [
        [*connection.ops.get_db_converters(expression), *expression.get_db_converters(connection)]
        for expression in expressions
    ]
    needed = [
        each for each in zip(range(len(fields)), converters, expressions, strict=True) if each[1]
    ]
    return Reader(model, [field.attname for field in fields], needed)


def insert_unless_there(model: Model, values: dict[str, Any]) -> bool:
    """Insert a row, by its fields' names; false where a unique value is taken.

    Parameters:
        values: as the driver takes them.
    """
    sql, parameters = _insert(model, tuple(values)), list(values.values())
    if database(model).vendor in UNLESS_THERE:  # one statement, no transaction of its own
        return change(model, sql, parameters) == 1
    try:
        with atomic(model):
            return change(model, sql, parameters) == 1
    except IntegrityError:
        return False


# MySQL's INSERT IGNORE is left out: it takes what is too long, and nobody who isn't there.
UNLESS_THERE = dict.fromkeys(("sqlite", "postgresql"), " ON CONFLICT DO NOTHING")


@cache
def _insert(model: Model, fields: tuple[str, ...]) -> str:
    ending = UNLESS_THERE.get(database(model).vendor, "")
    names = ", ".join(column(model, field) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    return f"INSERT INTO {table(model)} ({names}) VALUES ({places}){ending}"
