"""Others' private names that this site uses: why, and that they are still what it relies on.

After an update of allauth or Django this fails before a log-in does, and says where.
"""

from __future__ import annotations

from typing import Any

import pytest
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.db.models.signals import pre_save
from django.test import RequestFactory
from pytest_django import Settings

from server_site.people.adapter import FAILED_LOGINS, PeopleAdapter
from server_site.people.models import Person
from tests.support import private_names
from tests.support.private_names import Private

PACKAGE = "server_site"
ADAPTER, AUDIT = "people/adapter.py", "people/audit.py"
MD5 = "django.contrib.auth.hashers.MD5PasswordHasher"
WAIT = "says how long to wait after too many attempts"

PRIVATE = [
    Private("allauth.core.internal", "ratelimit", (ADAPTER,), WAIT),
    Private(
        "allauth.core.internal.ratelimit",
        "get_rates",
        (ADAPTER,),
        WAIT,
        ("app", "action", "config"),
    ),
    Private(
        "allauth.core.internal.ratelimit",
        "get_cache_key",
        (ADAPTER,),
        WAIT,
        ("request", "app", "action", "rate", "key", "user"),
    ),
    Private(
        "allauth.account.adapter.DefaultAccountAdapter",
        "_get_login_attempts_cache_key",
        (ADAPTER,),
        "counts attempts by account alone, not by the Host header too",
        ("self", "request", "credentials"),
    ),
    Private("allauth.core.internal", "httpkit", (AUDIT,), "logs the browser's address"),
    Private(
        "allauth.core.internal.httpkit",
        "get_client_ip",
        (AUDIT,),
        "logs the browser's address",
        ("request",),
    ),
    Private(
        "allauth.account.utils",
        "filter_users_by_username",
        (AUDIT,),
        "logs a name only if it is an account's",
        ("username",),
    ),
    Private(
        "django.contrib.auth.base_user.AbstractBaseUser",
        "_password",
        (AUDIT,),
        "tells a password that is hashed anew from another one",
    ),
    Private(
        "django.db.models.Model", "_state", (AUDIT,), "tells a new account; Django documents it"
    ),
]


@pytest.mark.parametrize("private", PRIVATE, ids=str)
def test_it_is_still_what_the_site_relies_on(private: Private) -> None:
    private.check(PACKAGE)


@pytest.mark.parametrize("private", PRIVATE, ids=str)
def test_the_site_still_uses_it_where_the_table_says(private: Private) -> None:
    private.check_files(PACKAGE)


@pytest.mark.parametrize("package", [PACKAGE, "site_common"])
def test_no_private_name_is_used_that_is_not_in_the_table(package: str) -> None:
    known = {(each.name, file) for each in PRIVATE for file in each.files}
    found = private_names.foreign(package)

    used = {(name, file) for name, files in found.items() for file in files}

    assert sorted(used - known) == []
    assert bool(used) == (package == PACKAGE)


def test_allauth_asks_the_adapter_what_attempts_are_counted_by(
    rf: RequestFactory, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []

    def note(request: Any, **named: Any) -> Any:
        counted.append(named["key"])
        return object()

    monkeypatch.setattr(ratelimit, "consume", note)

    PeopleAdapter().pre_authenticate(rf.get("/"), username=" Alice ", password="x")

    assert counted == ["alice"]


def test_allauth_keeps_the_times_of_attempts_newest_first(rf: RequestFactory, db: None) -> None:
    request = rf.post("/")
    for _ in range(3):
        ratelimit.consume(request, **FAILED_LOGINS, key="somebody")

    for rate in ratelimit.get_rates(**FAILED_LOGINS):
        times = cache.get(
            ratelimit.get_cache_key(request, **FAILED_LOGINS, rate=rate, key="somebody")
        )
        assert len(times) == 3
        assert times == sorted(times, reverse=True)
        assert rate.amount >= 3
        assert rate.duration > 0


def test_django_has_no_plain_password_when_it_hashes_one_anew(db: None, settings: Settings) -> None:
    """With ``_password`` kept, each new cost of the hasher would be logged as a new password."""
    seen: list[str | None] = []
    person = Person.objects.create_user("alice", password="right")
    settings.PASSWORD_HASHERS = [MD5, *settings.PASSWORD_HASHERS]

    def note(instance: Any, update_fields: Any, **_: object) -> None:
        seen.append(instance._password)
        assert list(update_fields) == ["password"]

    pre_save.connect(note, Person)
    try:
        assert person.check_password("right")
    finally:
        pre_save.disconnect(note, Person)

    assert seen == [None]
    person.set_password("other")
    assert vars(person)["_password"] == "other"
