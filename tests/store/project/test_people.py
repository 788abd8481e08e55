"""A person with their groups, and everything that is asked about those."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from pytest_django import DjangoAssertNumQueries

from sso_kit.server.directory import may_enter
from sso_kit.server.models import ConsumerPolicy
from sso_kit.store import people, rows

from .comparing import (
    ODD,
    afresh,
    assert_same,
    compares,
    groups_by_orm,
    has_groups,
    outcome,
    person,
)

pytestmark = pytest.mark.django_db
MODEL: Any = get_user_model()
HAS_GROUPS = has_groups(MODEL)
GROUPS = [(), ("agents",), ("zebras", "agents", ODD, "Agents")]


@compares(people.has_groups)
def test_whether_people_have_groups_is_as_the_model_has_it() -> None:
    lead_to = [field.related_model for field in MODEL._meta.many_to_many]

    assert people.has_groups() == (Group in lead_to)


@compares(people.has_groups, people.group_names)
def test_a_projects_own_teams_are_no_groups_though_their_keys_are_equal(
    policy: ConsumerPolicy,
) -> None:
    alice, board = person("alice"), Group.objects.create(name="board")
    policy.required_groups.add(board)
    if hasattr(MODEL, "groups") and not HAS_GROUPS:
        alice.groups.create(pk=board.pk)

    assert people.group_names(alice) == []
    assert not may_enter(ConsumerPolicy.objects.get(), alice)


@compares(people.has_groups)
def test_an_attribute_called_groups_is_no_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain(AbstractBaseUser):
        groups = property(lambda self: ["a", "b"])

        class Meta:
            app_label = "plain"
            managed = False

    monkeypatch.setattr(people, "get_user_model", lambda: Plain)

    people.watch_groups()

    assert not people.has_groups()
    assert people.group_names(Plain()) == []


@compares(people.is_hidden)
def test_nobody_is_hidden_whom_the_manager_shows(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = person("alice")

    with django_assert_num_queries(0):
        assert not people.is_hidden(alice)


@compares(people.find, people.with_groups, people.join_rest, people.group_columns)
@pytest.mark.parametrize("groups", GROUPS)
@pytest.mark.parametrize("name", ["alice", ODD])
def test_a_person_is_found_with_their_groups(name: str, groups: tuple[str, ...]) -> None:
    person("bob", ("agents", "others"))
    alice = person(name, groups)

    found = people.find(alice.pk)

    assert_same(found, afresh(alice))
    assert people.groups_of(found) == groups_by_orm(alice)
    assert len(people.groups_of(found)) == (len(groups) if HAS_GROUPS else 0)


@compares(people.find)
def test_a_person_is_found_by_the_text_of_their_key() -> None:
    """A session has it as a text."""
    alice = person()

    assert_same(people.find(MODEL._meta.pk.value_to_string(alice)), afresh(alice))


@compares(people.find)
def test_who_is_not_there_is_not_found() -> None:
    alice = person()
    key = alice.pk
    alice.delete()

    assert people.find(key) is None
    assert MODEL._base_manager.filter(pk=key).first() is None


@compares(people.find)
@pytest.mark.parametrize("key", ["no-such-key", "", "7", uuid.UUID(int=7)])
def test_a_malformed_key_ends_as_it_does_with_the_orm(key: Any) -> None:
    by_orm = outcome(lambda: MODEL._base_manager.filter(pk=key).first())

    assert outcome(people.find, key) == by_orm


@compares(people.find, people.is_hidden)
def test_whom_the_models_manager_hides_is_as_hidden_as_to_django(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alice, bob = person("alice", ("agents",)), person("bob", ("agents",))
    manager = type(MODEL._default_manager)
    every = manager.get_queryset

    def those_who_stay(self: Any) -> QuerySet[Any]:
        rest: QuerySet[Any] = every(self).exclude(pk=bob.pk)
        return rest

    monkeypatch.setattr(manager, "get_queryset", those_who_stay, raising=False)

    assert people.find(bob.pk) is ModelBackend().get_user(bob.pk) is None
    assert_same(people.find(alice.pk), afresh(alice))
    assert people.groups_of(people.find(alice.pk)) == groups_by_orm(alice)
    assert [people.is_hidden(each) for each in (alice, bob)] == [False, True]


@compares(people.find)
def test_a_person_and_their_groups_are_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    alice = person("alice", ("agents",))

    with django_assert_num_queries(1):
        found = people.find(alice.pk)
        people.group_names(found)
        [getattr(found, field.attname) for field in MODEL._meta.concrete_fields]


@compares(people.groups_of, people.group_names)
@pytest.mark.parametrize("groups", GROUPS)
def test_the_groups_of_a_person_whom_the_orm_loaded(groups: tuple[str, ...]) -> None:
    person("bob", ("others",))
    alice = person("alice", groups)

    assert people.groups_of(alice) == groups_by_orm(alice)
    assert people.group_names(alice) == sorted(groups_by_orm(alice).values())
    assert people.group_names(people.find(alice.pk)) == people.group_names(alice)


@compares(people.forget_groups)
def test_groups_that_were_forgotten_are_read_afresh() -> None:
    alice = person("alice", ("agents",))
    found = people.find(alice.pk)
    Group.objects.update(name="renamed")

    before = people.group_names(found)
    people.forget_groups(found)
    people.forget_groups(found)

    assert before == (["agents"] if HAS_GROUPS else [])
    assert people.group_names(found) == (["renamed"] if HAS_GROUPS else [])


@compares(people.watch_groups)
def test_a_change_of_somebodys_groups_is_seen_at_once() -> None:
    found = people.find(person("alice", ("agents",)).pk)
    others = Group.objects.create(name="others")

    seen = [people.group_names(found)]
    changes: tuple[Callable[[], None], ...] = (
        lambda: found.groups.add(others),
        lambda: found.groups.remove(others),
        lambda: found.groups.set([others]),
        lambda: found.groups.clear(),
    )
    for change in changes if HAS_GROUPS else ():
        change()
        seen.append(people.group_names(found))
        assert people.groups_of(found) == groups_by_orm(found)

    all_seen = [["agents"], ["agents", "others"], ["agents"], ["others"], []]
    assert seen == (all_seen if HAS_GROUPS else [[]])


@compares(people.groups_of)
def test_a_person_who_is_read_afresh_has_the_groups_of_then() -> None:
    """As Django does with what it has prefetched."""
    found = people.find(person("alice", ("agents",)).pk)
    if HAS_GROUPS:
        Group.objects.create(name="others").user_set.add(found)

    found.refresh_from_db()

    assert people.groups_of(found) == groups_by_orm(found)
    assert len(people.groups_of(found)) == (2 if HAS_GROUPS else 0)


@compares(people.with_groups)
def test_a_person_may_begin_anywhere_in_a_row() -> None:
    alice = person("alice", ("agents", "others"))
    sql = (
        f"SELECT 1, 2, {rows.columns(MODEL, 'x')}{people.group_columns()} "
        f"FROM {rows.table(MODEL)} x{people.join_rest('x')}"
    )

    found = rows.fetch(MODEL, sql, [])
    read = people.with_groups(found[0], 2, found)

    assert_same(read, afresh(alice))
    assert people.groups_of(read) == groups_by_orm(alice)
