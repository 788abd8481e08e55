"""What people are called: by the identity server, and by this app's user model."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.db import models

from ... import databases

PROFILE_FIELDS = ("email", "first_name", "last_name")


def name_field() -> str:
    """What the server's data calls the local model's name: an e-mail address where that is it."""
    field: str = get_user_model().USERNAME_FIELD
    return field if field in PROFILE_FIELDS else "username"


def by_name(name: str) -> Any:
    """The local account of this name, whoever's it is."""
    model = get_user_model()
    return databases.written(model).filter(**{model.USERNAME_FIELD: name}).first()


def is_address(name: str) -> bool:
    """Whether a local account's name is an e-mail address: no proof of anything.

    People may change their address at the identity server, so they could type anybody's.
    """
    model = get_user_model()
    field = model._meta.get_field(model.USERNAME_FIELD)
    return name_field() != "username" or isinstance(field, models.EmailField) or "@" in name
