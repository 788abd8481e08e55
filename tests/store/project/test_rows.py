"""Statements in parts: columns, keys, times, instances, and the insert that may come too late."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.db import IntegrityError, connection, connections
from pytest_django import DjangoAssertNumQueries
from simple_sso.sso_server.models import Consumer

from sso_kit.client.models import Identity
from sso_kit.server.models import AccessToken, ConsumerPolicy
from sso_kit.store import rows

from .comparing import ODD, afresh, assert_same, compares, outcome, person

pytestmark = pytest.mark.django_db
MODELS = (Consumer, ConsumerPolicy, AccessToken, Identity, Session, Group)
# Of the models of this matrix that have such a field.
DETAILS = {
    "wishes": {"a": [1, 2.5, None, True, ODD], "n": None},
    "born": date(1999, 12, 31),
    "balance": Decimal("-17.05"),
    "patience": timedelta(days=-1, microseconds=7),
    "rank": -3,
    "first_name": ODD,
    "budget": [{"year": 2030, "sum": "9" * 30}],
}


def fields_of(model: Any) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


@pytest.fixture
def alice(now: datetime) -> Any:
    known = fields_of(get_user_model())
    details: dict[str, Any] = {**DETAILS, "last_login": now, "joined": now}
    return person(ODD, **{name: details[name] for name in details.keys() & known})


@pytest.fixture
def everything(
    alice: Any, policy: ConsumerPolicy, now: datetime, later: datetime
) -> dict[Any, list[Any]]:
    """A row or two of each model, made by the ORM."""
    token = AccessToken.objects.create(
        digest=ODD, request_digest="r", consumer=policy.consumer, user=alice, issued=now
    )
    used = AccessToken.objects.create(
        digest="d", request_digest=ODD, consumer=policy.consumer, user=alice, issued=now, used=later
    )
    return {
        get_user_model(): [alice, person("bob")],
        Consumer: [policy.consumer],
        ConsumerPolicy: [policy],
        AccessToken: [token, used],
        Identity: [Identity.objects.create(issuer=ODD, subject=ODD, user=alice)],
        Session: [Session.objects.create(session_key="k", session_data=ODD, expire_date=later)],
        Group: [Group.objects.create(name=ODD)],
    }


@compares(rows.table, rows.columns, rows.join_parents, rows.fetch, rows.reader)
def test_a_row_of_any_model_becomes_the_instance_that_the_orm_makes(
    everything: dict[Any, list[Any]],
) -> None:
    for model, made in everything.items():
        sql = (
            f"SELECT 17, {rows.columns(model, 'u')}, 4 FROM {rows.table(model)} u"
            f"{rows.join_parents(model, 'u')}"
        )

        read = [rows.reader(model).read(row, 1) for row in rows.fetch(model, sql, [])]
        found = {each.pk: each for each in read}

        assert found.keys() == {each.pk for each in made}
        assert rows.reader(model).width == len(model._meta.concrete_fields)
        for each in made:
            assert_same(found[each.pk], afresh(each))


@compares(rows.column)
@pytest.mark.parametrize("model", [*MODELS, get_user_model()], ids=lambda model: model.__name__)
def test_a_column_is_named_as_the_orm_names_it(model: Any) -> None:
    query = str(model._base_manager.only("pk").values_list("pk").query)

    assert f"{rows.table(model)}.{rows.column(model, 'pk')}" in query
    for field in model._meta.local_concrete_fields:
        of_field = str(model._base_manager.values_list(field.attname).query)
        assert f"{rows.table(model)}.{rows.column(model, field.name)}" in of_field


@compares(rows.key_value)
def test_a_key_finds_its_row(everything: dict[Any, list[Any]]) -> None:
    for model, made in everything.items():
        sql = f"SELECT 1 FROM {rows.table(model)} WHERE {rows.column(model, 'pk')} = %s"
        for each in made:
            assert rows.fetch(model, sql, [rows.key_value(model, each.pk)]) == [(1,)]
            as_text = str(each.pk)  # as a session has it
            assert rows.fetch(model, sql, [rows.key_value(model, as_text)]) == [(1,)]


@compares(rows.key_value)
@pytest.mark.parametrize("key", ["no-such-key", "", "7", uuid.UUID(int=7), None, [], {}])
def test_a_key_that_can_be_none_is_refused_as_the_orm_does(key: Any) -> None:
    model: Any = get_user_model()

    by_orm = outcome(model._meta.pk.get_db_prep_value, key, connection)

    assert outcome(rows.key_value, model, key) == by_orm


@compares(rows.time_value)
@pytest.mark.parametrize("hours", [0, 9])
def test_a_time_is_written_and_compared_as_the_orm_does(
    everything: dict[Any, list[Any]], now: datetime, hours: int
) -> None:
    moment = now.astimezone(timezone(timedelta(hours=hours))) if settings.USE_TZ else now
    issued = rows.column(AccessToken, "issued")
    sql = f"UPDATE {rows.table(AccessToken)} SET {rows.column(AccessToken, 'used')} = %s"
    value = rows.time_value(AccessToken, moment)

    count = rows.change(AccessToken, f"{sql} WHERE {issued} = %s", [value, value])

    assert count == 2 == AccessToken.objects.filter(issued=moment, used=moment).count()


@compares(rows.change)
def test_as_many_rows_are_counted_as_by_the_orm(everything: dict[Any, list[Any]]) -> None:
    table, digest = rows.table(AccessToken), rows.column(AccessToken, "digest")
    sql = f"UPDATE {table} SET {rows.column(AccessToken, 'burnt')} = %s WHERE {digest} IN (%s, %s)"

    for names in (("d", ODD), ("d", "x"), ("x", "y")):
        by_orm = AccessToken.objects.filter(digest__in=names).update(burnt=True)
        assert rows.change(AccessToken, sql, [True, *names]) == by_orm


class ReadsFromACopy:
    """A router: sessions are read from one database and written to another."""

    def db_for_read(self, model: Any, **_: object) -> str | None:
        return "default" if model is Session else None

    def db_for_write(self, model: Any, **_: object) -> str | None:
        return "other" if model is Session else None


@compares(rows.database)
def test_statements_go_to_where_a_router_sends_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    another = {**connections.settings["default"]}
    monkeypatch.setitem(connections.settings, "other", another)
    monkeypatch.setattr("django.db.router._routers", None, raising=False)
    monkeypatch.setattr("django.db.router.routers", [ReadsFromACopy()])

    assert rows.database(Session) is connections["other"]
    assert rows.database(Consumer) is connections["default"]


INSERTED = {"name": ODD, "public_key": "one", "private_key": "two"}


@pytest.fixture(params=["the database's own way", "any database's"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    if request.param == "any database's":
        monkeypatch.setattr(rows, "UNLESS_THERE", {})
    rows._insert.cache_clear()
    yield
    rows._insert.cache_clear()


@compares(rows.insert_unless_there)
def test_an_inserted_row_is_what_the_orm_would_have_written(way: None) -> None:
    expected = afresh(Consumer.objects.create(**INSERTED))
    Consumer.objects.all().delete()

    assert rows.insert_unless_there(Consumer, INSERTED)

    found = Consumer.objects.get()
    expected.pk = found.pk
    assert_same(found, expected)


@compares(rows.insert_unless_there)
def test_where_a_unique_value_is_taken_nothing_changes_and_work_goes_on(way: None) -> None:
    taken = Consumer.objects.create(**INSERTED)

    assert not rows.insert_unless_there(Consumer, {**INSERTED, "name": "another"})

    assert_same(Consumer.objects.get(), afresh(taken))


@compares(rows.insert_unless_there)
def test_another_trouble_than_a_taken_value_is_told_as_the_orm_does() -> None:
    with pytest.raises(IntegrityError):
        rows.insert_unless_there(Consumer, {**INSERTED, "name": None})


@compares(rows.insert_unless_there)
def test_an_insert_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        rows.insert_unless_there(Consumer, INSERTED)


def test_the_time_zone_of_the_project_is_another_than_the_databases() -> None:
    offset = datetime(2030, 1, 1, tzinfo=UTC).astimezone(connection.timezone or UTC).utcoffset()

    assert settings.TIME_ZONE != "UTC"
    assert offset == timedelta(0)
