"""Access tokens: added once, spent once, and read with everything about them."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import transaction
from pytest_django import DjangoAssertNumQueries
from simple_sso.sso_server.models import Consumer

from sso_kit.server.models import AccessToken
from sso_kit.store import people, server

from .comparing import ODD, afresh, assert_same, at_once, compares, groups_by_orm, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> Any:
    return person("alice", ("agents", "others", ODD))


@pytest.fixture
def token(consumer: Consumer, alice: Any, now: datetime) -> AccessToken:
    return AccessToken.objects.create(
        digest="digest",
        request_digest="request",
        consumer=consumer,
        user=alice,
        challenge=ODD,
        session="session",
        issued=now,
    )


@pytest.fixture
def other(db: None) -> Consumer:
    return Consumer.objects.create(name="other", public_key="other", private_key="other")


def new(consumer: Consumer, user: Any, now: datetime, **changes: Any) -> dict[str, Any]:
    fields = {"digest": "digest", "request_digest": "request", "challenge": ODD, "session": ODD}
    return {**fields, "consumer": consumer.pk, "user": user.pk, "issued": now, **changes}


@compares(server.add_access_token)
def test_an_added_token_is_what_the_orm_would_have_written(
    consumer: Consumer, alice: Any, now: datetime
) -> None:
    expected = AccessToken.objects.create(
        digest="by-orm",
        request_digest="by-orm",
        consumer=consumer,
        user=alice,
        challenge=ODD,
        session=ODD,
        issued=now,
    )

    assert server.add_access_token(**new(consumer, alice, now))

    found = AccessToken.objects.get(digest="digest")
    expected.pk, expected.digest, expected.request_digest = found.pk, "digest", "request"
    assert_same(found, expected)
    assert_same(found.user, afresh(alice))


@compares(server.add_access_token)
@pytest.mark.parametrize("changes", [{"digest": "new"}, {"request_digest": "new"}, {}])
def test_neither_token_is_taken_twice(
    token: AccessToken, now: datetime, changes: dict[str, str]
) -> None:
    assert not server.add_access_token(**new(token.consumer, token.user, now, **changes))

    assert_same(AccessToken.objects.get(), afresh(token))


def spend_by_orm(digest: str, consumer: int, now: datetime, only_unused: bool) -> int:
    tokens = AccessToken.objects.filter(digest=digest, consumer=consumer)
    return (tokens.filter(used=None) if only_unused else tokens).update(used=now)


@compares(server.spend_access_token)
@pytest.mark.parametrize("only_unused", [True, False])
@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("digest", ["digest", "DIGEST", "", "digest' OR '1'='1", ODD])
@pytest.mark.parametrize("whose", ["own", "another's"])
def test_a_token_is_spent_as_the_orm_does_it(
    token: AccessToken,
    other: Consumer,
    now: datetime,
    digest: str,
    whose: str,
    used: bool,
    only_unused: bool,
) -> None:
    earlier, later = now - timedelta(seconds=5), now + timedelta(seconds=5)
    before = AccessToken.objects.filter(pk=token.pk)
    consumer = token.consumer_id if whose == "own" else other.pk
    before.update(used=earlier if used else None)
    by_orm = spend_by_orm(digest, consumer, later, only_unused)
    expected = afresh(token)
    before.update(used=earlier if used else None)

    won = server.spend_access_token(digest, consumer, later, only_unused=only_unused)

    assert won == (by_orm == 1)
    assert_same(afresh(token), expected)


@compares(server.access_token)
@pytest.mark.parametrize("used", [True, False])
@pytest.mark.parametrize("sessions", [Session, None])
def test_a_token_comes_with_its_person(
    token: AccessToken, now: datetime, used: bool, sessions: Any
) -> None:
    AccessToken.objects.update(used=now if used else None, burnt=used)

    kept = server.access_token("digest", token.consumer_id, now, sessions)

    assert kept is not None
    assert_same(kept.token, afresh(token))
    assert_same(kept.user, afresh(token.user))
    assert people.groups_of(kept.user) == groups_by_orm(token.user)
    assert kept.session is None


@compares(server.access_token)
def test_a_token_of_somebody_without_groups(token: AccessToken, now: datetime) -> None:
    bob = person("bob")
    AccessToken.objects.update(user=bob)

    kept = server.access_token("digest", token.consumer_id, now, Session)

    assert kept is not None
    assert_same(kept.user, afresh(bob))
    assert people.groups_of(kept.user) == groups_by_orm(bob) == {}


@compares(server.access_token)
@pytest.mark.parametrize("key", ["session", "another"])
@pytest.mark.parametrize("seconds", [-1, -0.000001, 0, 0.000001, 1])
def test_a_token_comes_with_its_session_while_that_lasts(
    token: AccessToken, now: datetime, key: str, seconds: float
) -> None:
    end = now + timedelta(seconds=seconds)
    Session.objects.create(session_key=key, session_data=ODD, expire_date=end)
    Session.objects.create(session_key="third", session_data="x", expire_date=end)
    valid = Session.objects.filter(pk=token.session, expire_date__gt=now)

    kept = server.access_token("digest", token.consumer_id, now, Session)

    assert kept is not None
    assert kept.session == valid.values_list("session_data", "expire_date").first()
    assert (kept.session is not None) == (key == "session" and seconds > 0)
    assert people.groups_of(kept.user) == groups_by_orm(token.user)


@compares(server.access_token)
@pytest.mark.parametrize("digest", ["", "DIGEST", "digest' OR '1'='1", ODD])
def test_an_unknown_token_is_none(token: AccessToken, now: datetime, digest: str) -> None:
    assert server.access_token(digest, token.consumer_id, now, Session) is None
    assert not AccessToken.objects.filter(digest=digest).exists()


@compares(server.access_token)
def test_another_consumers_token_is_none(
    token: AccessToken, other: Consumer, now: datetime
) -> None:
    assert server.access_token("digest", other.pk, now, Session) is None
    assert not AccessToken.objects.filter(digest="digest", consumer=other.pk).exists()


@compares(server.add_access_token, server.spend_access_token, server.access_token)
def test_each_is_one_statement(
    consumer: Consumer,
    alice: Any,
    now: datetime,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        server.add_access_token(**new(consumer, alice, now))
    with django_assert_num_queries(1):
        server.spend_access_token("digest", consumer.pk, now, only_unused=True)
    with django_assert_num_queries(1):
        kept = server.access_token("digest", consumer.pk, now, Session)
        assert kept is not None
        people.group_names(kept.user)
        [getattr(kept.user, field.attname) for field in get_user_model()._meta.concrete_fields]


@compares(server.add_access_token)
@pytest.mark.django_db(transaction=True)
def test_of_two_that_use_one_request_token_at_once_one_gets_an_access_token(
    consumer: Consumer, alice: Any, now: datetime
) -> None:
    def add(number: int) -> bool:
        return server.add_access_token(**new(consumer, alice, now, digest=f"{number}"))

    won = at_once(add, 4)

    assert sorted(won) == [False, False, False, True]
    assert AccessToken.objects.get().digest == f"{won.index(True)}"


@compares(server.spend_access_token)
@pytest.mark.django_db(transaction=True)
def test_of_two_that_spend_one_token_at_once_one_does(token: AccessToken, now: datetime) -> None:
    def spend(number: int) -> bool:
        moment = now + timedelta(seconds=number)
        return server.spend_access_token("digest", token.consumer_id, moment, only_unused=True)

    won = at_once(spend, 4)

    assert sorted(won) == [False, False, False, True]
    assert AccessToken.objects.get().used == now + timedelta(seconds=won.index(True))


@compares(server.add_access_token)
@pytest.mark.django_db(transaction=True)
def test_who_is_first_but_is_rolled_back_leaves_the_place_to_the_next(
    consumer: Consumer, alice: Any, now: datetime
) -> None:
    added = threading.Event()

    def add(number: int) -> bool:
        if number:
            assert added.wait(timeout=20)
            return server.add_access_token(**new(consumer, alice, now, digest="second"))
        with transaction.atomic():
            first = server.add_access_token(**new(consumer, alice, now, digest="first"))
            added.set()
            transaction.set_rollback(True)
        return first

    assert at_once(add) == [True, True]
    assert AccessToken.objects.get().digest == "second"
