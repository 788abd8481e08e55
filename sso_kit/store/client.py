"""The app's side: the local account of a subject."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model

from ..client.models import Identity, KnownServer
from . import people, rows


def account_of(marks: tuple[str, str], issuer: str, subject: str) -> Any:
    """The account of a subject of the server that is known by these two marks, with its groups.

    ``None`` as well where one of the two isn't known yet, or the server calls itself otherwise.

    Parameters:
        marks: see ``accounts.servers``.
        issuer: what the server calls itself; empty where it doesn't say.
    """
    given = [*(f"%{mark}%" for mark in marks), subject, *([issuer] if issuer else [])]
    found = rows.fetch(get_user_model(), _account_of(named=bool(issuer)), given)
    return people.with_groups(found[0], 0, found) if found else None


@cache
def _account_of(named: bool) -> str:
    model = get_user_model()
    issuer = rows.column(Identity, "issuer")
    marks = rows.column(KnownServer, "marks")
    by_name = f" AND i.{issuer} = %s" if named else ""
    return (
        f"SELECT {rows.columns(model, 'u')}{people.group_columns()} "
        f"FROM {rows.table(KnownServer)} s JOIN {rows.table(Identity)} i "
        f"ON i.{issuer} = s.{rows.column(KnownServer, 'issuer')} "
        f"JOIN {rows.table(model)} u "
        f"ON u.{rows.column(model, 'pk')} = i.{rows.column(Identity, 'user')}"
        f"{people.join_rest('u')} "
        f"WHERE s.{marks} LIKE %s AND s.{marks} LIKE %s "
        f"AND i.{rows.column(Identity, 'subject')} = %s{by_name}"
    )
