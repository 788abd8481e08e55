"""Who people are, and what an app is told of them: what ``Server``'s hooks do by default."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import defences
from ..defences import Defence
from ..store import people
from .models import ConsumerPolicy

PROFILE = ("email", "first_name", "last_name")


def subject_of(user: Any) -> str:
    """What names a person for ever: ``user.subject`` if the model has it, else the key.

    Never the user name, which may pass from one person to another.
    """
    return str(getattr(user, "subject", None) or user.pk)


def is_email_verified(user: Any) -> bool:
    """Whether the person's e-mail address is known to be theirs: ``user.email_verified``."""
    return getattr(user, "email_verified", False) is True


def may_enter(policy: ConsumerPolicy, user: Any) -> bool:
    """Whether a person is in one of the groups that the consumer requires."""
    if policy.admits_everybody or not defences.on(Defence.ACCESS_POLICY):
        return True
    return not policy.required_group_keys.isdisjoint(people.groups_of(user))


def profile_of(user: Any) -> dict[str, Any]:
    """Stock's answer about a person, for every user model; never staff at an app."""
    return {
        "username": user.get_username(),
        **{name: getattr(user, name, "") for name in PROFILE},
        "is_staff": False,
        "is_superuser": False,
        "is_active": user.is_active,
    }


def attributes_of(user: Any) -> dict[str, Callable[[], Any]]:
    """Extra data that exists, by name; callables, so that what nobody asks for costs nothing."""
    known: dict[str, Callable[[], Any]] = {"groups": lambda: people.group_names(user)}
    if hasattr(user, "date_joined"):
        known["date_joined"] = lambda: user.date_joined.isoformat()
    return known


def granted_names(policy: ConsumerPolicy | None, asked: object) -> list[str]:
    """What a consumer asks for *and* is granted, sorted; the rest is left out."""
    names = {name for name in asked if isinstance(name, str)} if isinstance(asked, list) else set()
    return sorted(names & set(policy.granted if policy else ()))
