"""One row of ``lab.toml`` as an object: every field known, none missing, each of its type.

Standard library only, as ``lab/table.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Any, NoReturn, TypeVar

from lab.errors import LabError

Row = TypeVar("Row")
LONGEST = 200  # characters; it goes into lines of nginx's, Compose's and README


def filled(row_type: type[Row], group: str, name: str, row: Any) -> Row:
    """The row's object; ``name`` goes into the first field, the row has the others.

    Raises ``LabError`` on a row that makes no sense.
    """
    where, (key, *columns) = f"{group}.{name}", fields(row_type)  # type: ignore[arg-type] # a dataclass
    _demand_columns(where, columns, demand_table(where, row))
    values: dict[str, Any] = {key.name: name}
    for column in (column for column in columns if column.name in row):
        values[column.name] = _typed(where, column, row[column.name])
    return row_type(**values)


def demand_table(where: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        refuse(where, f"{value!r} is no table", f"[{where}] on a line of its own, then its fields")
    return value


def refuse(where: str, wrong: str, fix: str) -> NoReturn:
    raise LabError(f"lab.toml, [{where}]: {wrong}.", fix)


def _demand_columns(where: str, columns: Sequence[Field[Any]], row: Mapping[str, Any]) -> None:
    known = [column.name for column in columns]
    unknown = sorted(row.keys() - set(known))
    if unknown:
        refuse(where, f"unknown: {', '.join(unknown)}", f"a row may have {', '.join(known)}")
    needed = [
        column.name
        for column in columns
        if column.default is MISSING and column.default_factory is MISSING
    ]
    missing = [name for name in needed if name not in row]
    if missing:
        refuse(where, f"{', '.join(missing)} missing", "add it, as in the rows beside it")


def _typed(where: str, column: Field[Any], value: Any) -> Any:
    """The value, if it is what the column is declared to be. A text isn't a list of letters."""
    if column.type == "tuple[str, ...]":
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
        wanted, example = "list of texts", '["one", "another"]'
    elif column.type == "Mapping[str, str]":
        if isinstance(value, Mapping) and all(map(_is_one_line, (*value, *value.values()))):
            return dict(value)
        wanted, example = "table of texts of one line", '{ department = "Support" }'
    elif column.type == "bool":
        if isinstance(value, bool):
            return value
        wanted, example = "yes or no", "true"
    elif column.type != "str" or _is_one_line(value):
        return value
    else:
        wanted, example = f"text of one line, at most {LONGEST} characters", '"in quotes"'
    refuse(where, f"{column.name} = {value!r} is no {wanted}", f"{column.name} = {example}")


def _is_one_line(value: Any) -> bool:
    return isinstance(value, str) and value.isprintable() and len(value) <= LONGEST
