"""The account of a subject."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from pytest_django import DjangoAssertNumQueries

from sso_kit.client.models import Identity
from sso_kit.store import client, people

from .comparing import ODD, afresh, assert_same, compares, groups_by_orm, person

pytestmark = pytest.mark.django_db
ISSUER = "https://sso.test/"


def account_by_orm(issuer: str, subject: str) -> Any:
    found = Identity.objects.select_related("user").filter(issuer=issuer, subject=subject).first()
    return found.user if found else None


def account(issuer: str, subject: str, name: str = "alice", groups: tuple[str, ...] = ()) -> Any:
    made = person(name, groups)
    Identity.objects.create(issuer=issuer, subject=subject, user=made)
    return made


@compares(client.account_of)
@pytest.mark.parametrize("groups", [(), ("agents",), ("agents", "others", ODD)])
@pytest.mark.parametrize(("issuer", "subject"), [(ISSUER, "17"), (ODD, ODD), ("", "name:x")])
def test_the_account_of_a_subject(issuer: str, subject: str, groups: tuple[str, ...]) -> None:
    account("https://another.test/", subject, "bob", ("others",))
    alice = account(issuer, subject, "alice", groups)

    found = client.account_of(issuer, subject)

    assert_same(found, afresh(alice))
    assert_same(found, account_by_orm(issuer, subject))
    assert people.groups_of(found) == groups_by_orm(alice)


@compares(client.account_of)
@pytest.mark.parametrize(
    ("issuer", "subject"),
    [(ISSUER, "18"), ("https://sso.test", "17"), ("", "17"), (ISSUER, ""), (ISSUER, "17' OR '1")],
)
def test_nobody_else_has_it(issuer: str, subject: str) -> None:
    account(ISSUER, "17")

    assert client.account_of(issuer, subject) is account_by_orm(issuer, subject) is None


@compares(client.account_of)
def test_an_account_with_its_groups_is_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    account(ISSUER, "17", "alice", ("agents",))

    with django_assert_num_queries(1):
        found = client.account_of(ISSUER, "17")
        people.group_names(found)
        [getattr(found, field.attname) for field in get_user_model()._meta.concrete_fields]
