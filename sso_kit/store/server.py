"""The server's side: the policy of who asks, and access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from simple_sso.sso_server.models import Consumer

from ..databases import atomic
from ..server.models import AccessToken, ConsumerPolicy, SignIn
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
    proof: str = "",
    alone: bool = False,
) -> bool:
    """Keep a new access token; false where its request token has one already.

    Parameters:
        consumer, user: primary keys.
        proof, alone: see ``AccessToken``.
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
        "proof": proof,
        "alone": alone,
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


@dataclass(frozen=True)
class KeptSignIn:
    """A sign-in with whose it is; the rest as in ``Kept``."""

    sign_in: SignIn
    user: Any
    session: tuple[str, datetime] | None


def access_token(digest: str, consumer: int, now: datetime, sessions: Any = None) -> Kept | None:
    """A consumer's token, used or not, with everything that is to be said about it.

    Parameters:
        sessions: model of the table of sessions, if it is in the same database.
    """
    found = _with_person(AccessToken, "digest", digest, consumer, now, sessions)
    return Kept(*found) if found else None


def sign_in(ref: str, consumer: int, now: datetime, sessions: Any = None) -> KeptSignIn | None:
    """A consumer's sign-in, by what the consumer knows it by; the rest as ``access_token``."""
    found = _with_person(SignIn, "ref", ref, consumer, now, sessions)
    return KeptSignIn(*found) if found else None


def _with_person(
    model: Any, field: str, value: str, consumer: int, now: datetime, sessions: Any
) -> tuple[Any, Any, tuple[str, datetime] | None] | None:
    expired: Sequence[Any] = [rows.time_value(sessions, now)] if sessions else []
    found = rows.fetch(model, _find(model, field, sessions), [*expired, value, consumer])
    if not found:
        return None
    reader, row = rows.reader(model), found[0]
    user = people.with_groups(row, reader.width, found)
    return reader.read(row), user, _session(row, reader.width, sessions)


def _session(row: rows.Row, width: int, sessions: Any) -> tuple[str, datetime] | None:
    if sessions is None:
        return None
    start = width + rows.reader(get_user_model()).width
    if row[start] is None:
        return None
    session = rows.reader(sessions).read(row, start)
    return session.session_data, session.expire_date


@cache
def _find(model: Any, field: str, sessions: Any) -> str:
    """Both models have ``consumer``, ``user`` and ``session``."""
    users = get_user_model()
    session_columns = f", {rows.columns(sessions, 's')}" if sessions else ""
    session_join = (
        f" LEFT JOIN {rows.table(sessions)} s ON s.{rows.column(sessions, 'session_key')} "
        f"= t.{rows.column(model, 'session')} "
        f"AND s.{rows.column(sessions, 'expire_date')} > %s"
        if sessions
        else ""
    )
    return (
        f"SELECT {rows.columns(model, 't')}, {rows.columns(users, 'u')}{session_columns}"
        f"{people.group_columns()} FROM {rows.table(model)} t JOIN {rows.table(users)} u "
        f"ON u.{rows.column(users, 'pk')} = t.{rows.column(model, 'user')}"
        f"{session_join}{people.join_rest('u')} "
        f"WHERE t.{rows.column(model, field)} = %s "
        f"AND t.{rows.column(model, 'consumer')} = %s"
    )


def note_sign_in(sign_in: SignIn) -> str:
    """Keep a sign-in, new or begun again in the same session; what the app knows it by.

    Parameters:
        sign_in: as it is now; ``ref`` and ``since`` are those of the row where there is one.
    """
    values = {
        "ref": sign_in.ref,
        "session": sign_in.session,
        "consumer": sign_in.consumer_id,
        "user": rows.key_value(get_user_model(), sign_in.user_id),
        "began": sign_in.began,
        "since": rows.time_value(SignIn, sign_in.since),
        "seen": rows.time_value(SignIn, sign_in.seen),
        "expires": rows.time_value(SignIn, sign_in.expires),
        "proof": sign_in.proof,
        "tell_at": sign_in.tell_at,
        "mark": sign_in.mark,
    }
    if rows.database(SignIn).features.can_return_columns_from_insert:
        return str(rows.fetch(SignIn, _note_sign_in(), list(values.values()))[0][0])
    kept = {name: getattr(sign_in, name) for name in RENEWED}
    there = SignIn.objects.using(rows.database(SignIn).alias)
    if sign_in.session is None:
        sign_in.save(using=there.db)
        return sign_in.ref
    with atomic(SignIn):
        first = {"ref": sign_in.ref, "since": sign_in.since}
        found, _ = there.update_or_create(
            session=sign_in.session,
            consumer_id=sign_in.consumer_id,
            defaults=kept,
            create_defaults=kept | first,
        )
    return found.ref


RENEWED = ("user_id", "began", "seen", "expires", "proof", "tell_at", "mark")


@cache
def _note_sign_in() -> str:
    names = ("ref", "session", "consumer", "user", "began", "since", "seen", "expires", "proof")
    columns = [rows.column(SignIn, name) for name in (*names, "tell_at", "mark")]
    again = [rows.column(SignIn, name.removesuffix("_id")) for name in RENEWED]
    return (
        f"INSERT INTO {rows.table(SignIn)} ({', '.join(columns)}) "
        f"VALUES ({', '.join(['%s'] * len(columns))}) "
        f"ON CONFLICT ({rows.column(SignIn, 'session')}, {rows.column(SignIn, 'consumer')}) "
        f"DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in again)} "
        f"RETURNING {rows.column(SignIn, 'ref')}"
    )
