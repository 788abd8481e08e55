"""The server's session that an access token comes from, and which it doesn't outlive.

A log-out and a hand-shake can pass each other: the token is issued a moment after the
log-out revoked all there were. So a token names its session, and when it is redeemed that
session has to be there still, with the same person, who hasn't got another password.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieStore

from ..store import rows
from ..store.server import Kept
from .models import AccessToken


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


def end_of(kept: Kept, now: datetime) -> datetime | None:
    """When the session that a token came from ends, or ``None`` when it has ended.

    Ended: logged out, expired, somebody else's since, or from before a change of password.

    Parameters:
        kept: the token, which names a session.
    """
    content, end = _content(kept, now)
    user = kept.user
    return end if _is_of(content, user) and _same_password(content, user) else None


def _is_of(content: Mapping[str, Any] | SessionBase, user: Any) -> bool:
    return bool(content.get(SESSION_KEY) == user._meta.pk.value_to_string(user))


def _content(kept: Kept, now: datetime) -> tuple[Mapping[str, Any] | SessionBase, datetime]:
    """Of the session: what came along with the token, else what the session engine says."""
    if table() is None:
        session: SessionBase = _store()(kept.token.session)
        return session, now + timedelta(seconds=session.get_expiry_age())
    if kept.session is None:
        return {}, now
    data, end = kept.session
    return _store()().decode(data), end


def _store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore


def _same_password(content: Mapping[str, Any] | SessionBase, user: Any) -> bool:
    """As ``django.contrib.auth.get_user`` sees it, fallbacks of ``SECRET_KEY`` included."""
    if not hasattr(user, "get_session_auth_hash"):
        return True
    seen = str(content.get(HASH_SESSION_KEY, "")).encode()
    fallbacks: Iterable[str] = getattr(user, "get_session_auth_fallback_hash", tuple)()
    return any(
        hmac.compare_digest(seen, known.encode())
        for known in (user.get_session_auth_hash(), *fallbacks)
    )
