"""Django's sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from pytest_django import DjangoAssertNumQueries

from sso_kit.store import sessions

from .comparing import ODD, afresh, assert_same, at_once, compares

pytestmark = pytest.mark.django_db


@compares(sessions.insert)
@pytest.mark.parametrize("data", ["", "abc", ODD, "x" * 100_000])
def test_a_new_session_is_written_as_the_orm_writes_it(data: str, later: datetime) -> None:
    expected = Session.objects.create(session_key="by-orm", session_data=data, expire_date=later)

    assert sessions.insert(Session, "by-store", data, later)

    expected.session_key = "by-store"
    assert_same(Session.objects.get(pk="by-store"), expected)


@compares(sessions.insert)
def test_a_key_that_is_taken_keeps_its_session(later: datetime) -> None:
    first = Session.objects.create(session_key="key", session_data="first", expire_date=later)

    assert not sessions.insert(Session, "key", "second", later)

    assert_same(Session.objects.get(), afresh(first))


@compares(sessions.find)
@pytest.mark.parametrize("key", ["key", "other", "KEY", "", ODD])
@pytest.mark.parametrize("seconds", [-1, -0.000001, 0, 0.000001, 1])
def test_a_session_is_found_while_it_lasts(key: str, seconds: float, now: datetime) -> None:
    end = now + timedelta(seconds=seconds)
    Session.objects.create(session_key="key", session_data=ODD, expire_date=end)

    valid = Session.objects.filter(session_key=key, expire_date__gt=now)

    assert sessions.find(Session, key, now) == valid.values_list("session_data", flat=True).first()
    assert valid.exists() == (key == "key" and seconds > 0)


@compares(sessions.insert, sessions.find)
def test_each_is_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries, now: datetime, later: datetime
) -> None:
    with django_assert_num_queries(1):
        sessions.insert(Session, "key", "data", later)
    with django_assert_num_queries(1):
        sessions.find(Session, "key", now)


@compares(sessions.insert)
@pytest.mark.django_db(transaction=True)
def test_of_two_that_choose_one_key_at_once_one_gets_it(later: datetime) -> None:
    won = at_once(lambda number: sessions.insert(Session, "key", f"{number}", later), 4)

    assert sorted(won) == [False, False, False, True]
    assert Session.objects.get().session_data == f"{won.index(True)}"
