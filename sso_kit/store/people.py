"""A person's groups, by one small statement."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from . import rows as statements


def group_names(user: Any) -> list[str]:
    """The names of a person's groups, sorted; none where the user model has no groups."""
    if not hasattr(get_user_model(), "groups"):
        return []
    model = get_user_model()
    rows = statements.fetch(model, _names_of_groups(), [statements.key_value(model, user.pk)])
    return sorted(name for (name,) in rows)


@cache
def memberships() -> tuple[Any, str]:
    """The table of who is in which group, and its column for people."""
    groups: Any = get_user_model()._meta.get_field("groups")
    through = groups.remote_field.through
    return through, through._meta.get_field(groups.m2m_field_name()).column


@cache
def _names_of_groups() -> str:
    through, mine = memberships()
    return (
        f"SELECT g.name FROM {statements.table(Group)} g "
        f"JOIN {statements.table(through)} m ON m.group_id = g.id WHERE m.{mine} = %s"
    )
