"""Database sessions with half the statements: ``SESSION_ENGINE = "sso_kit.contrib.sessions"``.

Same table, same cookie, same revocation as Django's ``backends.db``. What differs:

* a log-in writes its session once. Django inserts an empty one to reserve the key, which
  it has checked to be free, and updates it at the end of the request;
* a session is read without building a query.

Expired sessions go away by themselves, as ``purging`` has it. Django leaves this to
``manage.py clearsessions``.

A key has 160 random bits; should two ever be equal, the second insert fails rather than
overwriting, as ``must_create`` promises.
"""

from __future__ import annotations

import itertools
import secrets
from typing import Any

from django.contrib.sessions.backends.base import CreateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore

from .. import clock, purging
from ..purging import BATCH, EVERY
from ..session_end import seconds_left
from ..store import sessions as store

_written = itertools.count(1)


class SessionStore(DatabaseStore):
    """Django's database session; see the module for what differs."""

    is_new = False

    def _get_new_session_key(self) -> str:
        return secrets.token_hex(20)

    def create(self) -> None:
        """Choose a key; the row is written by the first ``save``."""
        if not hasattr(self, "_session_cache"):
            self._session_cache: dict[str, Any] = {}  # nothing to load under a new key
        self._session_key = self._get_new_session_key()
        self.is_new = True
        self.modified = True

    def get_session_cookie_age(self) -> int:
        """In seconds; no longer than until the identity server's session ends."""
        return seconds_left(self, super().get_session_cookie_age())

    def save(self, must_create: bool = False) -> None:
        if self.session_key is None:
            self.create()
        if not self.is_new:
            super().save(must_create=must_create)
            return
        self.is_new = False
        data = self.encode(self._get_session(no_load=False))  # type: ignore[attr-defined]  # unstubbed
        key = str(self.session_key)
        if not store.insert(self.model, key, data, self.get_expiry_date()):
            raise CreateError
        if next(_written) % EVERY == 0:
            purge(self.model, BATCH)

    def load(self) -> dict[str, Any]:
        data = store.find(self.model, str(self.session_key), clock.now())
        if data is None:
            self._session_key = None
            return {}
        found: dict[str, Any] = self.decode(data)
        return found


def purge(model: Any, limit: int) -> int:
    """Delete up to ``limit`` expired sessions of a table; returns how many went."""
    expired = model._default_manager.filter(expire_date__lt=clock.now())
    return purging.purge(expired, "expire_date", limit)
