"""People without accounts: what the server said of them is in the cache, and nowhere else.

``SSO_KIT = {"USERS": "cache"}``, as dj-sso-client's ``SSO_USER_STORAGE``. No row is written for
anybody. Who is signed in is named by a number that follows from issuer and subject, so that every
process finds the same entry; one that isn't there any more makes its person a visitor, who is in
again by a hand-shake.

An entry is JSON (RFC 8259), as text, whatever the cache makes of that. What isn't, or is of
somebody else, counts as none.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.cache import caches
from django.db.models import UUIDField

from ... import conf, events
from ...errors import MessageRefused
from ...events import Step
from ...messages import Person
from ...store import people
from .accounts import Accounts
from .names import name_field
from .profile import is_text

PREFIX = "sso_kit.user."
VERSION = 1
BITS = 62  # of a person's number: what every database and JSON reader takes
PROFILE = ("username", "email", "first_name", "last_name")
MARGIN = 24 * 3600  # seconds that an entry outlasts the longest session


class CachedUser:
    """Somebody who is signed in, as ``request.user``; made of what the server said of them.

    Extra data is under ``attributes``, and readable as attributes of this object where nothing
    else has the name: ``user.department``. Rights come from the local groups on ``group_map``.
    """

    is_active = is_authenticated = True
    is_anonymous = is_staff = is_superuser = False
    last_login = None

    def __init__(self, pk: Any, facts: Mapping[str, Any]) -> None:
        self.pk = self.id = pk
        self.issuer, self.subject = str(facts["issuer"]), str(facts["subject"])
        for name in PROFILE:
            setattr(self, name, str(facts.get(name) or ""))
        self.email_verified = facts.get("email_verified") is True
        self.attributes: dict[str, Any] = dict(facts.get("attributes") or {})
        names = [str(name) for name in facts.get("groups") or []]
        setattr(self, people.PREFETCHED, {people.KNOWN: {name: name for name in names}})

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["attributes"][name]
        except KeyError:
            said = f"The identity server said no {name!r} of this person."
            raise AttributeError(said, name=name, obj=self) from None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CachedUser) and self.pk == other.pk

    def __hash__(self) -> int:
        return hash(self.pk)

    def __str__(self) -> str:
        return self.get_username()

    @property
    def _meta(self) -> Any:
        """What ``django.contrib.auth`` writes the number into a session by."""
        return get_user_model()._meta

    def get_username(self) -> str:
        return str(getattr(self, name_field(), "") or self.username)

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return str(self.first_name)

    def save(self, *args: Any, **options: Any) -> None:
        """Nothing: ``django.contrib.auth`` notes the time of the log-in, and there is no row."""

    @cached_property
    def _permissions(self) -> frozenset[str]:
        names = people.group_names(self)
        if not names:
            return frozenset()
        found = Permission.objects.filter(group__name__in=names).select_related("content_type")
        return frozenset(f"{each.content_type.app_label}.{each.codename}" for each in found)

    def get_all_permissions(self, obj: object = None) -> set[str]:
        return set(self._permissions) if obj is None else set()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return obj is None and perm in self._permissions

    def has_perms(self, perm_list: Iterable[str], obj: object = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return any(perm.startswith(f"{app_label}.") for perm in self._permissions)


def user_for(accounts: Accounts, person: Person) -> CachedUser:
    """Keep what the server vouches for, in the place of what it said before.

    Raises:
        MessageRefused: no subject, or no name.
        ServerUnrecognised: see ``servers.Server.confirm``.
    """
    subject, name = person.subject, person.profile.get(name_field())
    if not is_text(subject) or not is_text(name):
        raise MessageRefused("The identity server did not say who this is.")
    issuer = accounts.server.confirm(person.issuer)
    pk, facts = number_of(issuer, subject), _facts(accounts, issuer, person)
    lasts = settings.SESSION_COOKIE_AGE + MARGIN
    _cache().set(f"{PREFIX}{pk}", json.dumps(facts), lasts)
    return CachedUser(pk, facts)


def find(pk: Any) -> CachedUser | None:
    """Whoever has this number, if the cache has their entry, and it is one."""
    text = _cache().get(f"{PREFIX}{pk}")
    if text is None:
        return None
    try:
        facts: Any = json.loads(text) if isinstance(text, str) else None
        if facts["version"] != VERSION or str(pk) != str(
            number_of(facts["issuer"], facts["subject"])
        ):
            raise ValueError("of somebody else, or of another time")
        return CachedUser(pk, facts)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        events.tell(Step.CACHED_USER_REFUSED, reason=f"{type(error).__name__}: {error}"[:200])
        return None


def number_of(issuer: str, subject: str) -> Any:
    """What a session names a person by: the same in every process, and for ever."""
    digest = hashlib.sha256(json.dumps([issuer, subject]).encode()).digest()
    if isinstance(get_user_model()._meta.pk, UUIDField):
        return uuid.UUID(bytes=digest[:16])
    return int.from_bytes(digest[:8], "big") >> (64 - BITS)


def _facts(accounts: Accounts, issuer: str, person: Person) -> dict[str, Any]:
    profile = person.profile
    extra = profile.get("extra_data")
    extra = dict(extra) if isinstance(extra, dict) else {}
    said = extra.pop("groups", None)
    names = said if isinstance(said, list) else []
    return {
        "version": VERSION,
        "issuer": issuer,
        "subject": person.subject,
        "email_verified": person.email_verified,
        **{name: profile[name] for name in PROFILE if is_text(profile.get(name))},
        "groups": sorted({local for name, local in accounts.group_map.items() if name in names}),
        "attributes": extra,
    }


def _cache() -> Any:
    return caches[conf.users_cache()]
