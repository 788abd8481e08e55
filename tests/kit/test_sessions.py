"""The session engine keeps what Django's keeps, in half the statements, and clears up."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.backends.base import CreateError
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from sso_kit.contrib import sessions
from sso_kit.contrib.sessions import SessionStore
from sso_kit.purging import BATCH, EVERY

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


def test_a_log_in_writes_its_session_once(django_assert_num_queries: Any) -> None:
    store = SessionStore()
    store["_auth_user_id"] = "1"
    store.cycle_key()

    with django_assert_num_queries(1):
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


def leave_expired(number: int, age: timedelta = timedelta(days=1)) -> None:
    Session.objects.bulk_create(
        Session(session_key=f"{age.days}-{row}", expire_date=timezone.now() - age)
        for row in range(number)
    )


def log_ins(number: int) -> None:
    for _ in range(number):
        store = SessionStore()
        store["a"] = 1
        store.save()


def test_expired_sessions_go_away_while_people_log_in() -> None:
    leave_expired(3 * BATCH)

    log_ins(4 * EVERY)

    assert Session.objects.count() == 4 * EVERY
    assert not Session.objects.filter(expire_date__lt=timezone.now()).exists()


def test_a_batch_is_all_that_one_purge_deletes() -> None:
    leave_expired(30)

    assert [sessions.purge(Session, 20) for _ in range(3)] == [20, 10, 0]


def test_the_oldest_go_first_and_living_ones_stay() -> None:
    leave_expired(2)
    leave_expired(2, timedelta(days=9))
    leave_expired(1, timedelta(days=-1))

    sessions.purge(Session, 2)

    left = {session.session_key for session in Session.objects.all()}
    assert left == {"1-0", "1-1", "-1-0"}


def test_more_is_deleted_than_comes_in() -> None:
    assert BATCH > EVERY


def test_most_log_ins_pay_nothing_for_it_and_one_in_many_a_little(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_expired(2 * BATCH)
    monkeypatch.setattr(sessions, "_written", itertools.count(1))

    with django_assert_num_queries(EVERY - 1):
        log_ins(EVERY - 1)
    with django_assert_num_queries(1 + 2):  # which, and delete them
        log_ins(1)


def test_a_changed_session_pays_nothing_either(
    django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_expired(5)
    store = SessionStore()
    store["a"] = 1
    store.save()
    monkeypatch.setattr(sessions, "_written", itertools.count(EVERY))

    with django_assert_num_queries(3):
        store.save()

    assert Session.objects.count() == 6


def test_the_purge_uses_the_index() -> None:
    expired = Session.objects.filter(expire_date__lt=timezone.now()).order_by("expire_date")

    assert "expire_date" in expired.values_list("pk")[:BATCH].explain().split("INDEX")[1]


def test_clearsessions_deletes_all_of_them() -> None:
    leave_expired(7)

    call_command("clearsessions")

    assert not Session.objects.exists()
