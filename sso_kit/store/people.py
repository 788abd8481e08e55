"""A person with their groups, by one statement."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db.models import Manager
from django.db.models.signals import m2m_changed

from . import rows

# A person's groups by key, as of when they were read: beside Django's own prefetched ones, so
# that ``refresh_from_db`` forgets them as well.
PREFETCHED, KNOWN = "_prefetched_objects_cache", "sso_kit.groups"


def has_groups() -> bool:
    """Whether the project's people are in groups of ``django.contrib.auth``.

    A field of that name can lead to a project's own teams, and their keys are no groups'.
    """
    return _has_groups(get_user_model())


@cache
def _has_groups(model: Any) -> bool:
    field = next((each for each in model._meta.many_to_many if each.name == "groups"), None)
    return field is not None and field.related_model._meta.concrete_model is Group


def find(pk: Any) -> Any:
    """The person with this primary key, or ``None``; with their groups, by one statement.

    As ``ModelBackend`` does it: whom the model's default manager hides, isn't there. Where it
    hides some, it is asked, and groups are read when they are asked for.
    """
    model = get_user_model()
    if _hides_some(model):
        return model._default_manager.filter(pk=pk).first()
    found = rows.fetch(model, _find(model), [rows.key_value(model, pk)])
    return with_groups(found[0], 0, found) if found else None


def is_hidden(user: Any) -> bool:
    """Whether the model's default manager hides somebody who was read without it."""
    model = get_user_model()
    return _hides_some(model) and not model._default_manager.filter(pk=user.pk).exists()


def groups_of(user: Any) -> dict[Any, str]:
    """A person's groups: primary key -> name."""
    if not has_groups():
        return {}
    known: dict[Any, str] | None = getattr(user, PREFETCHED, {}).get(KNOWN)
    return _read_groups(user) if known is None else known


def group_names(user: Any) -> list[str]:
    """The names of a person's groups, sorted; none where the user model has no groups."""
    return sorted(groups_of(user).values())


def forget_groups(user: Any) -> None:
    """They have changed: read them afresh the next time."""
    getattr(user, PREFETCHED, {}).pop(KNOWN, None)


def watch_groups() -> None:
    """Connect ``forget_groups`` to every change that is made to a person's own groups."""
    if has_groups():
        through, _, _ = _memberships()
        m2m_changed.connect(_groups_changed, through, dispatch_uid="sso_kit.groups_changed")


def _groups_changed(instance: Any, reverse: bool, **_: object) -> None:
    """Signal receiver; ``reverse``: it was done to a group, and whose is not at hand."""
    if not reverse:
        forget_groups(instance)


def with_groups(row: rows.Row, start: int, found: Iterable[rows.Row]) -> Any:
    """The person in a row, with the groups that are the last two values of each row."""
    person = rows.reader(get_user_model()).read(row, start)
    if has_groups():
        groups = {each[-2]: each[-1] for each in found if each[-2] is not None}
        setattr(person, PREFETCHED, {KNOWN: groups})
    return person


def _hides_some(model: Any) -> bool:
    """Whether its manager chooses among the rows, as for people who are deleted softly."""
    return type(model._default_manager).get_queryset is not Manager.get_queryset


def join_rest(person: str) -> str:
    """SQL: what brings the rest of a person along, by the alias of their table.

    That is what their model inherits from another, and their groups.
    """
    parents = rows.join_parents(get_user_model(), person)
    if not has_groups():
        return parents
    through, mine, its = _memberships()
    return (
        f"{parents} LEFT JOIN {rows.table(through)} m ON m.{mine} = {person}."
        f"{rows.column(get_user_model(), 'pk')} "
        f"LEFT JOIN {rows.table(Group)} g ON g.{rows.column(Group, 'pk')} = m.{its}"
    )


def group_columns() -> str:
    """SQL: a group's key and name, the last two columns of a statement with ``join_rest``."""
    if not has_groups():
        return ""
    return f", g.{rows.column(Group, 'pk')}, g.{rows.column(Group, 'name')}"


@cache
def _find(model: Any) -> str:
    return (
        f"SELECT {rows.columns(model, 'u')}{group_columns()} FROM {rows.table(model)} u"
        f"{join_rest('u')} WHERE u.{rows.column(model, 'pk')} = %s"
    )


def _read_groups(user: Any) -> dict[Any, str]:
    model = get_user_model()
    return dict(rows.fetch(model, _groups(model), [rows.key_value(model, user.pk)]))


@cache
def _groups(model: Any) -> str:
    through, mine, its = _memberships()
    pk = rows.column(Group, "pk")
    return (
        f"SELECT g.{pk}, g.{rows.column(Group, 'name')} FROM {rows.table(Group)} g "
        f"JOIN {rows.table(through)} m ON m.{its} = g.{pk} WHERE m.{mine} = %s"
    )


@cache
def _memberships() -> tuple[Any, str, str]:
    """The table of who is in which group, and its columns for people and for groups, quoted."""
    groups: Any = get_user_model()._meta.get_field("groups")
    through = groups.remote_field.through
    mine = rows.column(through, groups.m2m_field_name())
    return through, mine, rows.column(through, groups.m2m_reverse_field_name())
