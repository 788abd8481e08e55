"""The app's side: the local account of a subject."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model

from ..client.models import Identity
from . import people, rows


def account_of(issuer: str, subject: str) -> Any:
    """The account that belongs to an issuer's subject, with its groups; or ``None``."""
    found = rows.fetch(get_user_model(), _account_of(), [issuer, subject])
    return people.with_groups(found[0], 0, found) if found else None


@cache
def _account_of() -> str:
    model = get_user_model()
    return (
        f"SELECT {rows.columns(model, 'u')}{people.group_columns()} "
        f"FROM {rows.table(Identity)} i JOIN {rows.table(model)} u "
        f"ON u.{rows.column(model, 'pk')} = i.{rows.column(Identity, 'user')}"
        f"{people.join_rest('u')} "
        f"WHERE i.{rows.column(Identity, 'issuer')} = %s "
        f"AND i.{rows.column(Identity, 'subject')} = %s"
    )
