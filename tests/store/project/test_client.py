"""The account of a subject."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from pytest_django import DjangoAssertNumQueries

from sso_kit.client.models import Identity, KnownServer
from sso_kit.store import client, people

from .comparing import ODD, afresh, assert_same, compares, groups_by_orm, person

pytestmark = pytest.mark.django_db
ISSUER = "https://sso.test/"
URL, KEY = MARKS = ("u" * 65, "k" * 65)


def known(issuer: str) -> None:
    """The servers that this app knows; two of them share a key."""
    there = {"server_url": "https://new.test/", "marks": f"{'o' * 65} {URL} {KEY}"}
    KnownServer.objects.create(issuer=issuer, **there)
    KnownServer.objects.create(issuer="https://another.test/", marks=f"{KEY} {'v' * 65}")


def account_of(issuer: str, subject: str) -> Any:
    """Whether the server says what it is called, or doesn't."""
    found = client.account_of(MARKS, issuer, subject)
    assert client.account_of(MARKS, "", subject) == found
    return found


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
    known(issuer)
    account("https://another.test/", subject, "bob", ("others",))
    alice = account(issuer, subject, "alice", groups)

    found = account_of(issuer, subject)

    assert_same(found, afresh(alice))
    assert_same(found, account_by_orm(issuer, subject))
    assert people.groups_of(found) == groups_by_orm(alice)


@compares(client.account_of)
@pytest.mark.parametrize("subject", ["18", "", "17' OR '1", "1%", "1_"])
def test_nobody_else_has_it(subject: str) -> None:
    known(ISSUER)
    account(ISSUER, "17")

    assert account_of(ISSUER, subject) is account_by_orm(ISSUER, subject) is None


@compares(client.account_of)
@pytest.mark.parametrize(
    ("marks", "issuer"),
    [
        (("v" * 65, KEY), ""),
        (("v" * 65, KEY), ISSUER),
        ((URL, "n" * 65), ""),
        (MARKS, "https://another.test/"),
        (MARKS, "https://sso.test"),
    ],
)
def test_nor_is_it_anybodys_of_a_server_that_is_not_known_so(
    marks: tuple[str, str], issuer: str
) -> None:
    known(ISSUER)
    account(ISSUER, "17")

    assert client.account_of(marks, issuer, "17") is None
    assert client.account_of(MARKS, ISSUER, "17")


@compares(client.account_of)
def test_an_account_with_its_groups_is_one_statement(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    known(ISSUER)
    account(ISSUER, "17", "alice", ("agents",))

    with django_assert_num_queries(1):
        found = client.account_of(MARKS, ISSUER, "17")
        people.group_names(found)
        [getattr(found, field.attname) for field in get_user_model()._meta.concrete_fields]
