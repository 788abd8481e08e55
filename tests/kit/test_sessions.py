"""The session engine keeps what Django's keeps, in half the statements."""

from __future__ import annotations

import pytest
from django.contrib.sessions.backends.base import CreateError
from django.contrib.sessions.models import Session
from django.utils import timezone

from sso_kit.sessions import SessionStore

pytestmark = pytest.mark.django_db


def test_first_data_of_a_visitor_without_a_session_is_kept() -> None:
    store = SessionStore()
    store["message"] = "hello"

    store.save()

    assert SessionStore(store.session_key)["message"] == "hello"


def test_changed_data_is_kept() -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    again = SessionStore(store.session_key)

    again["b"] = 2
    again.save()

    assert dict(SessionStore(store.session_key).items()) == {"a": 1, "b": 2}


def test_a_new_key_takes_the_data_along_and_ends_the_old_session() -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    old = store.session_key

    store.cycle_key()
    store.save()

    assert store.session_key != old
    assert SessionStore(store.session_key)["a"] == 1
    assert not SessionStore(old).items()


def test_a_log_in_writes_its_session_once(django_assert_num_queries: object) -> None:
    store = SessionStore()
    store["_auth_user_id"] = "1"
    store.cycle_key()

    with django_assert_num_queries(1 + 2):  # type: ignore[operator]  # savepoint around it
        store.save()

    assert Session.objects.count() == 1


def test_an_expired_session_is_empty_and_forgotten() -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()
    Session.objects.update(expire_date=timezone.now())

    again = SessionStore(store.session_key)

    assert not again.items()
    assert again.session_key is None


def test_a_key_that_is_taken_is_never_overwritten() -> None:
    taken = SessionStore()
    taken["owner"] = "somebody"
    taken.save()
    store = SessionStore(taken.session_key)
    store["owner"] = "another"
    store.is_new = True

    with pytest.raises(CreateError):
        store.save()

    assert SessionStore(taken.session_key)["owner"] == "somebody"


def test_a_flushed_session_is_gone() -> None:
    store = SessionStore()
    store["a"] = 1
    store.save()

    store.flush()

    assert not Session.objects.exists()


def test_a_session_that_is_only_created_is_kept_empty() -> None:
    store = SessionStore()

    store.create()
    store.save()

    assert SessionStore(store.session_key).load() == {}
    assert Session.objects.filter(session_key=store.session_key).exists()
