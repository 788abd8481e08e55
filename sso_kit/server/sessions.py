"""The server's session that access tokens and sign-ins come from, and which they don't outlive.

A log-out and a hand-shake can pass each other: the token is issued a moment after the
log-out revoked all there were. So a token names its session, and when it is redeemed that
session has to be there still, with the same person, who hasn't got another password.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.cached_db import SessionStore as CachedDatabaseStore
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieStore

from .. import clock, conf, databases
from ..keys import digest
from ..store import rows
from .models import AccessToken, EndedSession, SignIn

PROOF = "sso_kit_proof"  # in a session: when and how the person proved who they are
BEGAN = "sso_kit_began"  # likewise: since when, where another server saw the proof; seconds
USED = "sso_kit_used"  # when it was last used, or a little before; in seconds since 1970
NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,3})?")
A_PART = 10  # of the idle time: how late that may be


@dataclass(frozen=True)
class Proof:
    """When and how somebody proved who they are.

    Attributes:
        at: seconds since 1970; 0: not known, so that it is too long ago for everybody.
        amr: how, see ``messages.SignedIn``.
    """

    at: float = 0
    amr: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join([f"{self.at:.3f}", *self.amr])

    @classmethod
    def read(cls, text: object) -> Proof:
        at, *amr = str(text or "0").split()
        return cls(float(at), tuple(amr)) if NUMBER.fullmatch(at) else cls()


def note_proof(session: SessionBase, amr: tuple[str, ...]) -> None:
    """Keep in somebody's session that they proved just now who they are."""
    now = clock.utc().timestamp()
    session[PROOF], session[USED] = str(Proof(now, amr)), int(now)


def note_start(session: SessionBase) -> None:
    """Somebody was let in on another server's word: proof of nothing, but a beginning.

    A session that goes on by it, began when it did.
    """
    now = int(clock.utc().timestamp())
    session[USED] = now
    if PROOF not in session:
        session.setdefault(BEGAN, now)


def proof_in(session: SessionBase | None) -> Proof:
    return Proof.read(session.get(PROOF)) if session is not None else Proof()


def key_of(session: SessionBase | None, user: Any) -> str:
    """What names the session that a person is signed in by.

    Nothing for one that only its browser has (``signed_cookies``), and for a person who is
    known by something else: a certificate, a header, an administrator acting for them.
    """
    if session is None or isinstance(session, CookieStore) or not _is_of(session, user):
        return ""
    return session.session_key or ""


def table() -> Any:
    """The model whose rows are this project's sessions, if tokens are in the same database."""
    store = _store()
    if not issubclass(store, DatabaseStore):
        return None
    model: Any = store.get_model_class()
    return model if rows.database(model).alias == rows.database(AccessToken).alias else None


@dataclass(frozen=True)
class Found:
    """A session that stands: when it ends, and how its person got in."""

    end: datetime
    proof: Proof


def find(
    key: str, user: Any, row: tuple[str, datetime] | None, now: datetime, used: datetime | None
) -> Found | str:
    """The session that something came from, or why it has ended, in a word of ``models.Reason``.

    Ended: logged out, expired, not used for too long, somebody else's since, or from before a
    change of password.

    Parameters:
        row: what came along of it, if sessions are in the database, see ``table``.
        used: when one of its apps was, at the latest.
    """
    content, end = _content(key, row, now)
    if not _is_of(content, user) or is_ended(key):
        return "expired"
    if not has_same_password(content, user):
        return "password"
    why = _why_over(content, used)
    if why is not None:
        return why
    longest = conf.longest_seconds()
    if longest:
        left = _began(content) + longest - clock.utc().timestamp()
        end = min(end, now + timedelta(seconds=left))
    return Found(end, Proof.read(content.get(PROOF)))


def why_over(session: SessionBase) -> str | None:
    """Which of the two limits a session has passed: ``"idle"``, ``"too-long"``.

    What its apps said of its use counts, and is looked up only where it matters.
    """
    why = _why_over(session, None)
    return why and _why_over(session, last_use_at_an_app(session.session_key or ""))


def _why_over(content: Mapping[str, Any] | SessionBase, used: datetime | None) -> str | None:
    now, idle, longest = clock.utc().timestamp(), conf.idle_seconds(), conf.longest_seconds()
    began = _began(content)
    if longest and now > began + longest:
        return "too-long"
    last = max(content.get(USED, began), used.timestamp() if used else 0)
    return "idle" if idle and now > last + idle + idle / A_PART else None


def _began(content: Mapping[str, Any] | SessionBase) -> float:
    """Second since 1970; 0: not known, so that it is too long ago for every limit."""
    return Proof.read(content.get(PROOF)).at or float(content.get(BEGAN, 0))


def last_use_at_an_app(key: str) -> datetime | None:
    latest: datetime | None = (
        databases.written(SignIn)
        .filter(session=key)
        .order_by("-seen")
        .values_list("seen", flat=True)
        .first()
    )
    return latest


def note_use(session: SessionBase) -> None:
    """It is used now. A write once in a while, and only where there is an idle time."""
    idle, now = conf.idle_seconds(), clock.utc().timestamp()
    if idle and now > session.get(USED, 0) + idle / A_PART:
        session[USED] = int(now)


def time_left(session: SessionBase) -> tuple[float | None, bool]:
    """Seconds until a session is over if nobody uses it, and whether using it makes that later.

    ``None``: neither limit is set.
    """
    now, idle, longest = clock.utc().timestamp(), conf.idle_seconds(), conf.longest_seconds()
    began = _began(session)
    until_end = began + longest - now if longest else None
    if not idle:
        return until_end, False
    app = last_use_at_an_app(session.session_key or "")
    last = max(session.get(USED, began), app.timestamp() if app else 0)
    left = last + idle - now
    return (left, True) if until_end is None or left < until_end else (until_end, False)


def use_now(session: SessionBase) -> None:
    """Somebody said that they are still there."""
    session[USED] = int(clock.utc().timestamp())


def delete(key: str) -> None:
    """End a session for good, also with an engine that could bring it back."""
    if can_come_back():
        until = clock.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
        ended = EndedSession.objects.using(databases.alias(EndedSession))
        ended.update_or_create(key=key, defaults={"until": until})
    if not issubclass(_store(), CookieStore):
        _store()(key).delete()


def can_come_back() -> bool:
    """Whether the engine may write a session again that was deleted meanwhile.

    Only what says ``UPDATE`` doesn't: Django's ``db``, and what is derived from it.
    """
    store = _store()
    is_update = issubclass(store, DatabaseStore) and not issubclass(store, CachedDatabaseStore)
    return not is_update and not issubclass(store, CookieStore)


def is_ended(key: str) -> bool:
    """Whether it was, where that can't be told from the session."""
    if not can_come_back():
        return False
    return bool(databases.written(EndedSession).filter(key=key).exists())


def _is_of(content: Mapping[str, Any] | SessionBase, user: Any) -> bool:
    return bool(content.get(SESSION_KEY) == user._meta.pk.value_to_string(user))


def _content(
    key: str, row: tuple[str, datetime] | None, now: datetime
) -> tuple[Mapping[str, Any] | SessionBase, datetime]:
    """Of the session: what came along, else what the session engine says."""
    if table() is None:
        session: SessionBase = _store()(key)
        return session, now + timedelta(seconds=session.get_expiry_age())
    if row is None:
        return {}, now
    data, end = row
    return _store()().decode(data), end


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def has_same_password(content: Mapping[str, Any] | SessionBase, user: Any) -> bool:
    """As ``django.contrib.auth.get_user`` sees it, fallbacks of ``SECRET_KEY`` included."""
    known = _hashes(user)
    seen = str(content.get(HASH_SESSION_KEY, "")).encode()
    return not known or any(hmac.compare_digest(seen, each.encode()) for each in known)


def mark_of(user: Any) -> str:
    """What a sign-in without a session remembers of somebody's password: no more than a digest."""
    known = _hashes(user)
    return digest(known[0]) if known else ""


def has_same_mark(mark: str, user: Any) -> bool:
    """Whether the password is the one of then."""
    known = _hashes(user)
    return not known or any(hmac.compare_digest(mark, digest(each)) for each in known)


def _hashes(user: Any) -> list[str]:
    """What a session has of a password; the current one first. Empty: such users have none."""
    if not hasattr(user, "get_session_auth_hash"):
        return []
    fallbacks: Iterable[str] = getattr(user, "get_session_auth_fallback_hash", tuple)()
    return [user.get_session_auth_hash(), *fallbacks]
