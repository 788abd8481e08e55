"""A person with eight hundred groups: nobody else's trouble, and hers only where it must be."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Group, User
from simple_sso.sso_server.models import Consumer

from sso_kit.client import Client
from tests.kit import urls
from tests.kit.consumers import person
from tests.kit.journeys import APP, Browser, InProcess

pytestmark = pytest.mark.django_db


def with_groups(who: User, count: int) -> None:
    names = [f"group {number} with a name that is not short" for number in range(count)]
    Group.objects.bulk_create(Group(name=name) for name in names)
    who.groups.set(Group.objects.all())


@pytest.fixture
def mapping(monkeypatch: pytest.MonkeyPatch, back_channel: InProcess) -> InProcess:
    """The app as one that says which groups it can do something with."""
    monkeypatch.setattr(urls.client, "user_extra_data", None)
    return back_channel


def told_groups(channel: InProcess) -> list[str]:
    answer = next(answer for path, _, answer in channel.seen if path == "verify/")
    groups: list[str] = json.loads(answer.rsplit(".", 1)[0])["user"]["extra_data"]["groups"]
    return groups


def test_an_app_with_a_map_hears_of_the_groups_on_it_only(
    app: Consumer, alice: User, alices: Browser, mapping: InProcess
) -> None:
    with_groups(alice, 800)
    alice.groups.add(Group.objects.create(name="agents"))

    assert alices.get(f"{APP}/in/").status_code == 200
    assert told_groups(mapping) == ["agents"]
    assert User.objects.get(username="sso.alice").groups.get().name == "helpers"


def test_an_app_that_asks_for_all_groups_hears_of_all(
    app: Consumer, alice: User, alices: Browser, back_channel: InProcess
) -> None:
    with_groups(alice, 3)

    alices.get(f"{APP}/in/")

    assert len(told_groups(back_channel)) == 3


def test_where_all_are_asked_for_and_are_too_many_she_is_told_and_nobody_else_is_concerned(
    app: Consumer, alice: User, alices: Browser, back_channel: InProcess
) -> None:
    with_groups(alice, 800)
    bobs = Browser()
    bobs.sign_in_at_the_server(person("bob"))

    page = alices.get(f"{APP}/in/")

    assert page.status_code == 403
    assert "too much to know about you" in page.content.decode()
    assert "16384 is the most" in page.content.decode()
    assert bobs.get(f"{APP}/in/").content.decode() == "only for sso.bob"


def test_a_map_alone_is_enough_to_ask() -> None:
    client = Client("http://sso.test/", "k", "k" * 43, group_map={"b": "x", "a": "y"})

    assert client.wanted() == {"extra_data": ["groups"], "groups": ["a", "b"]}
    assert Client("http://sso.test/", "k", "k" * 43).wanted() == {}
