"""Sign-ins at the server and sessions at an app: written, and read with what belongs to them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from pytest_django import DjangoAssertNumQueries
from simple_sso.sso_server.models import Consumer

from sso_kit.client.models import AppSession, EndedSignIn
from sso_kit.server.models import SignIn
from sso_kit.store import client, people, server

from .comparing import ODD, afresh, assert_same, at_once, compares, groups_by_orm, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(db: None) -> Any:
    return person("alice", ("agents", ODD))


def sign_in(consumer: Consumer, user: Any, now: datetime, **changes: Any) -> SignIn:
    fields = {
        "ref": "ref-of-the-sign-in",
        "session": "session",
        "consumer": consumer,
        "user": user,
        "began": 1_700_000_000_000_000,
        "since": now,
        "seen": now,
        "expires": now + timedelta(hours=1),
        "proof": "1700000000.000 pwd",
        "tell_at": ODD[:20],
    }
    return SignIn(**(fields | changes))


@compares(server.note_sign_in)
def test_a_sign_in_is_what_the_orm_would_have_written(
    consumer: Consumer, alice: Any, now: datetime
) -> None:
    expected = sign_in(consumer, alice, now, ref="by-orm", session="another")
    expected.save()

    assert server.note_sign_in(sign_in(consumer, alice, now)) == "ref-of-the-sign-in"

    found = SignIn.objects.get(ref="ref-of-the-sign-in")
    expected.pk, expected.ref, expected.session = found.pk, found.ref, found.session
    assert_same(found, expected)


@compares(server.note_sign_in)
def test_one_in_the_same_session_is_renewed_and_keeps_its_name(
    consumer: Consumer, alice: Any, now: datetime
) -> None:
    server.note_sign_in(sign_in(consumer, alice, now))
    bob, later = person("bob"), now + timedelta(hours=2)
    again = sign_in(
        consumer, bob, later, ref="new", began=1_800_000_000_000_000, proof="", tell_at=""
    )

    assert server.note_sign_in(again) == "ref-of-the-sign-in"

    found = SignIn.objects.get()
    assert (found.since, found.seen, found.user_id) == (now, later, bob.pk)
    assert (found.began, found.proof, found.tell_at) == (again.began, "", "")


@compares(server.note_sign_in)
def test_those_without_a_session_are_each_their_own(
    consumer: Consumer, alice: Any, now: datetime
) -> None:
    for ref in ("one", "two"):
        assert server.note_sign_in(sign_in(consumer, alice, now, ref=ref, session=None)) == ref

    assert SignIn.objects.count() == 2


@compares(server.note_sign_in)
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_there_is_one_row(consumer: Consumer, alice: Any, now: datetime) -> None:
    names = at_once(
        lambda number: server.note_sign_in(sign_in(consumer, alice, now, ref=f"ref-{number}"))
    )

    assert len(set(names)) == SignIn.objects.count() == 1


@compares(server.sign_in)
@pytest.mark.parametrize("expired", [True, False])
def test_a_sign_in_comes_with_its_person_and_its_session(
    consumer: Consumer,
    alice: Any,
    now: datetime,
    expired: bool,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    row = sign_in(consumer, alice, now)
    row.save()
    end = now + timedelta(hours=-1 if expired else 1)
    session = Session.objects.create(session_key="session", session_data=ODD, expire_date=end)

    with django_assert_num_queries(1):
        found = server.sign_in(row.ref, consumer.pk, now, Session)

    assert found is not None
    assert_same(found.sign_in, afresh(row))
    assert_same(found.user, afresh(alice))
    assert people.groups_of(found.user) == groups_by_orm(alice)
    assert found.session == (None if expired else (ODD, afresh(session).expire_date))


@compares(server.sign_in)
@pytest.mark.parametrize("ref", ["ref-of-the-sign-in", "REF", "", ODD, "x' OR '1'='1"])
@pytest.mark.parametrize("whose", ["own", "another's"])
def test_only_its_own_consumer_finds_it(
    consumer: Consumer, alice: Any, now: datetime, ref: str, whose: str
) -> None:
    sign_in(consumer, alice, now).save()
    other = Consumer.objects.create(name="other", public_key="other", private_key="other")
    asks = consumer.pk if whose == "own" else other.pk

    found = server.sign_in(ref, asks, now)

    by_orm = SignIn.objects.filter(ref=ref, consumer=asks).first()
    assert (found and found.sign_in) == by_orm


def app_session(now: datetime, **changes: Any) -> AppSession:
    fields = {
        "ref": "ref",
        "key": "key",
        "client": "public",
        "sign_in": "sign-in",
        "issuer": ODD,
        "began": 1_700_000_000_000_000,
        "auth_time": 1_700_000_000,
        "amr": "pwd",
        "attributes": ODD,
        "idle": 60,
        "ends": now + timedelta(hours=1),
        "seen": now,
        "checked": now,
        "asked": now,
    }
    return AppSession(**(fields | changes))


@compares(client.add_session)
@pytest.mark.parametrize("idle", [None, 60])
def test_a_session_is_what_the_orm_would_have_written(
    db: None, now: datetime, idle: int | None
) -> None:
    expected = app_session(now, ref="by-orm", idle=idle)
    expected.save()

    client.add_session(app_session(now, idle=idle))

    found = AppSession.objects.get(ref="ref")
    expected.pk, expected.ref = found.pk, "ref"
    assert_same(found, expected)


@compares(client.session)
@pytest.mark.parametrize(
    ("ended", "who", "over"),
    [
        (None, "public", False),
        (1_700_000_000_000_001, "public", True),
        (1_700_000_000_000_000, "public", False),
        (1_700_000_000_000_001, "another", False),
    ],
)
def test_a_session_comes_with_its_end_if_that_was_later(
    db: None, now: datetime, ended: int | None, who: str, over: bool
) -> None:
    row = app_session(now)
    row.save()
    if ended:
        EndedSignIn.objects.create(
            sign_in="sign-in", client=who, ended=ended, cause="log-out", until=now
        )

    found = client.session("ref")

    assert found is not None
    assert_same(found[0], afresh(row))
    by_orm = EndedSignIn.objects.filter(
        sign_in=row.sign_in, client=row.client, ended__gt=row.began
    ).first()
    assert found[1] == (by_orm.cause if by_orm else None)
    assert (found[1] is not None) == over
    assert client.session(ODD) is None
