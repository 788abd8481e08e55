"""The app's side: the local account of a subject, and who is signed in."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.contrib.auth import get_user_model

from ..client.models import AppSession, EndedSignIn, Identity, KnownServer
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


def add_session(row: AppSession) -> None:
    """Keep a new session."""
    values = {
        "ref": row.ref,
        "key": row.key,
        "client": row.client,
        "sign_in": row.sign_in,
        "issuer": row.issuer,
        "began": row.began,
        "auth_time": row.auth_time,
        "amr": row.amr,
        "attributes": row.attributes,
        "idle": row.idle,
        **{
            name: rows.time_value(AppSession, getattr(row, name))
            for name in ("ends", "seen", "checked", "asked")
        },
    }
    rows.insert_unless_there(AppSession, values)


def session(ref: str) -> tuple[AppSession, str | None] | None:
    """A session, and why it is over if the server has said that it is."""
    found = rows.fetch(AppSession, _session(), [ref])
    if not found:
        return None
    return rows.reader(AppSession).read(found[0]), found[0][-1]


@cache
def _session() -> str:
    def of(name: str) -> str:
        return rows.column(AppSession, name)

    return (
        f"SELECT {rows.columns(AppSession, 'a')}, e.{rows.column(EndedSignIn, 'cause')} "
        f"FROM {rows.table(AppSession)} a LEFT JOIN {rows.table(EndedSignIn)} e "
        f"ON e.{rows.column(EndedSignIn, 'sign_in')} = a.{of('sign_in')} "
        f"AND e.{rows.column(EndedSignIn, 'client')} = a.{of('client')} "
        f"AND e.{rows.column(EndedSignIn, 'ended')} > a.{of('began')} "
        f"WHERE a.{of('ref')} = %s"
    )
