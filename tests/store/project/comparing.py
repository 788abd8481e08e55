"""What the comparisons share: the same asked of the store and of the ORM."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import connections, models

ODD = 'O\'Brien "%s" %% \\ ; -- ü 日本 🙂'

Test = TypeVar("Test", bound=Callable[..., None])


def compares(*_: Callable[..., Any]) -> Callable[[Test], Test]:
    """Says which functions of the store a test compares; ``test_where_sql_is`` reads it."""
    return lambda test: test


def has_groups(model: Any) -> bool:
    """Groups of Django, not of the project's own under the same name."""
    return hasattr(model, "groups") and model.groups.field.related_model is Group


def person(name: str = "alice", groups: tuple[str, ...] = (), **fields: Any) -> Any:
    """A new person of the project's model, whatever it looks like."""
    model: Any = get_user_model()
    made = model(**{model.USERNAME_FIELD: name}, password=f"hash of {name}", **fields)
    made.save()
    if groups and has_groups(model):
        made.groups.set([Group.objects.get_or_create(name=each)[0] for each in groups])
    return made


def groups_by_orm(user: Any) -> dict[Any, str]:
    if not has_groups(type(user)):
        return {}
    return dict(user.groups.values_list("pk", "name"))


def afresh(instance: Any) -> Any:
    """The same row, loaded by the ORM."""
    return type(instance)._base_manager.get(pk=instance.pk)


def assert_same(found: models.Model, expected: models.Model) -> None:
    """The same row, as if the same code had loaded it."""
    assert type(found) is type(expected)
    assert found == expected
    assert (found._state.db, found._state.adding) == (expected._state.db, expected._state.adding)
    assert found.get_deferred_fields() == expected.get_deferred_fields() == set()
    for field in expected._meta.concrete_fields:
        ours, theirs = (getattr(each, field.attname) for each in (found, expected))
        assert (type(ours), ours) == (type(theirs), theirs), field


def outcome(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What a call returns, or the kind of exception that it raises."""
    try:
        return call(*arguments, **named)
    except Exception as error:
        return type(error)


def at_once(call: Callable[[int], Any], times: int = 2) -> list[Any]:
    """The results of calls that set off together, each with a connection of its own."""
    line = threading.Barrier(times)

    def run(number: int) -> Any:
        try:
            connections["default"].ensure_connection()
            line.wait(timeout=20)
            return call(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))
