"""What of the server's word about a person is kept in the local user model."""

from __future__ import annotations

import re
from typing import Any, TypeGuard

from django.db import models

from ...messages import Person
from .names import PROFILE_FIELDS

UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")  # JSON can say these, databases can't keep them


def is_text(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and not UNSTORABLE.search(value)


def profile(user: Any, person: Person) -> dict[str, Any]:
    """The profile fields that the local user model has, cut to its lengths."""
    data = person.profile
    fields = {field.name: field for field in user._meta.concrete_fields}
    kept: dict[str, Any] = {
        name: data[name][: fields[name].max_length]
        for name in PROFILE_FIELDS
        if name in fields
        and isinstance(fields[name], models.CharField)
        and (data.get(name) == "" or is_text(data.get(name)))
        and name != type(user).USERNAME_FIELD
    }
    if isinstance(fields.get("email_verified"), models.BooleanField):
        address = kept.get("email", getattr(user, "email", ""))
        kept["email_verified"] = _is_verified(address, person)
    return kept


def _is_verified(address: str, person: Person) -> bool:
    """Whether the server vouches for the very address that is kept here."""
    return person.email_verified and bool(address) and address == person.profile.get("email")
