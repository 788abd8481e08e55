"""The server's side: the policy of who asks, and access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from simple_sso.sso_server.models import Consumer

from ..server.models import AccessToken, ConsumerPolicy
from . import people, rows

REQUIRED = ConsumerPolicy.required_groups.through


def policy_of(**lookup: Any) -> ConsumerPolicy | None:
    """The policy of one consumer, which comes along, as do the groups that it requires.

    Parameters:
        lookup: one of ``pk`` and ``public_key``, of the consumer.
    """
    ((field, value),) = lookup.items()
    found = rows.fetch(ConsumerPolicy, _policy_of(field), [value])
    if not found:
        return None
    policies, consumers = rows.reader(ConsumerPolicy), rows.reader(Consumer)
    policy: ConsumerPolicy = policies.read(found[0])
    policy.consumer = consumers.read(found[0], policies.width)
    policy.known_groups = frozenset(row[-1] for row in found if row[-1] is not None)
    return policy


@cache
def _policy_of(field: str) -> str:
    policies, consumers = rows.table(ConsumerPolicy), rows.table(Consumer)
    pk = rows.column(ConsumerPolicy, "pk")
    return (
        f"SELECT {rows.columns(ConsumerPolicy, 'p')}, {rows.columns(Consumer, 'c')}, "
        f"r.{rows.column(REQUIRED, 'group')} FROM {consumers} c JOIN {policies} p "
        f"ON p.{rows.column(ConsumerPolicy, 'consumer')} = c.{rows.column(Consumer, 'pk')} "
        f"LEFT JOIN {rows.table(REQUIRED)} r ON r.{rows.column(REQUIRED, 'consumerpolicy')} "
        f"= p.{pk} WHERE c.{rows.column(Consumer, field)} = %s"
    )


def add_access_token(
    *,
    digest: str,
    request_digest: str,
    consumer: int,
    user: Any,
    challenge: str,
    session: str,
    issued: datetime,
) -> bool:
    """Keep a new access token; false where its request token has one already.

    Parameters:
        consumer, user: primary keys.
    """
    values = {
        "digest": digest,
        "request_digest": request_digest,
        "consumer": consumer,
        "user": rows.key_value(get_user_model(), user),
        "challenge": challenge,
        "session": session,
        "issued": rows.time_value(AccessToken, issued),
        "burnt": False,
    }
    return rows.insert_unless_there(AccessToken, values)


def spend_access_token(digest: str, consumer: int, now: datetime, *, only_unused: bool) -> bool:
    """Mark a consumer's token as used; false where there is none, or none that is unused.

    Of two at once one gets true.
    """
    parameters = [rows.time_value(AccessToken, now), digest, consumer]
    return rows.change(AccessToken, _spend(only_unused), parameters) == 1


@cache
def _spend(only_unused: bool) -> str:
    used = rows.column(AccessToken, "used")
    return (
        f"UPDATE {rows.table(AccessToken)} SET {used} = %s "
        f"WHERE {rows.column(AccessToken, 'digest')} = %s "
        f"AND {rows.column(AccessToken, 'consumer')} = %s"
        + (f" AND {used} IS NULL" if only_unused else "")
    )


@dataclass(frozen=True)
class Kept:
    """An access token with whom it is for.

    Attributes:
        user: with their groups.
        session: the encoded data of the server's session that it was issued in, and when that
            expires; ``None`` if there is no such session any more, or it wasn't looked for.
    """

    token: AccessToken
    user: Any
    session: tuple[str, datetime] | None


def access_token(digest: str, consumer: int, now: datetime, sessions: Any = None) -> Kept | None:
    """A consumer's token, used or not, with everything that is to be said about it.

    Parameters:
        sessions: model of the table of sessions, if it is in the same database.
    """
    expired: Sequence[Any] = [rows.time_value(sessions, now)] if sessions else []
    found = rows.fetch(AccessToken, _access_token(sessions), [*expired, digest, consumer])
    if not found:
        return None
    tokens, row = rows.reader(AccessToken), found[0]
    token = tokens.read(row)
    user = people.with_groups(row, tokens.width, found)
    return Kept(token, user, _session(row, sessions))


def _session(row: rows.Row, sessions: Any) -> tuple[str, datetime] | None:
    if sessions is None:
        return None
    start = rows.reader(AccessToken).width + rows.reader(get_user_model()).width
    if row[start] is None:
        return None
    session = rows.reader(sessions).read(row, start)
    return session.session_data, session.expire_date


@cache
def _access_token(sessions: Any) -> str:
    users = get_user_model()
    session_columns = f", {rows.columns(sessions, 's')}" if sessions else ""
    session_join = (
        f" LEFT JOIN {rows.table(sessions)} s ON s.{rows.column(sessions, 'session_key')} "
        f"= t.{rows.column(AccessToken, 'session')} "
        f"AND s.{rows.column(sessions, 'expire_date')} > %s"
        if sessions
        else ""
    )
    return (
        f"SELECT {rows.columns(AccessToken, 't')}, {rows.columns(users, 'u')}{session_columns}"
        f"{people.group_columns()} FROM {rows.table(AccessToken)} t JOIN {rows.table(users)} u "
        f"ON u.{rows.column(users, 'pk')} = t.{rows.column(AccessToken, 'user')}"
        f"{session_join}{people.join_rest('u')} "
        f"WHERE t.{rows.column(AccessToken, 'digest')} = %s "
        f"AND t.{rows.column(AccessToken, 'consumer')} = %s"
    )
