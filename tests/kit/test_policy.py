"""Which address, which data and which people a consumer gets."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.exceptions import OriginRefused
from sso_kit.server.policy import MAX_REDIRECT_LENGTH, check_redirect, find_policy, may_enter
from tests.kit.consumers import person, policy_of, register
from tests.kit.urls import server

pytestmark = pytest.mark.django_db


def test_a_registered_origin_may_have_any_path() -> None:
    policy = policy_of(register(origins=["https://app.example"]))
    for url in ("https://app.example/a/?b=c", "https://app.example:443/", "https://APP.example"):
        assert check_redirect(policy, url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example/",
        "https://app.example:444/",
        "https://www.app.example/",
        "https://app.example@evil.example/",
        "https://app.example.evil.example/",
        "//app.example/",
        "https://evil.example/https://app.example/",
        "/sso/authenticate/",
        "https://app.example\\@evil.example",
        "javascript:alert(1)",
        "",
        None,
        7,
        [],
        {},
        ["https://app.example/"],
        "\ud800",
        "https://app.example/" + "a" * MAX_REDIRECT_LENGTH,
    ],
)
def test_every_other_address_is_refused(url: object) -> None:
    policy = policy_of(register(origins=["https://app.example"]))

    with pytest.raises(OriginRefused) as refused:
        check_redirect(policy, url)
    assert refused.value.status == 400


def test_the_refusal_says_how_to_register_the_origin() -> None:
    with pytest.raises(
        OriginRefused, match=r"sso_consumer 'app' --origin https://new\.example:443"
    ):
        check_redirect(policy_of(register()), "https://new.example/")


@pytest.mark.parametrize("debug", [True, False])
def test_without_origins_loopback_will_do_while_developing(settings: Settings, debug: bool) -> None:
    settings.DEBUG, policy = debug, policy_of(register(origins=[]))
    local, foreign = "http://localhost:8001/sso/authenticate/", "https://evil.example/"

    if debug:
        assert check_redirect(policy, local) == local
    else:
        with pytest.raises(OriginRefused):
            check_redirect(policy, local)
    with pytest.raises(OriginRefused):
        check_redirect(policy, foreign)


def test_with_origins_loopback_will_not_do_even_then(settings: Settings) -> None:
    settings.DEBUG = True

    with pytest.raises(OriginRefused):
        check_redirect(policy_of(register()), "http://localhost:8001/")


def test_a_consumer_without_a_policy_gets_the_strictest() -> None:
    consumer = Consumer.objects.create(name="made by hand")

    policy = find_policy(public_key=consumer.public_key)

    assert policy is not None
    assert (policy.origins, policy.granted, policy.legacy) == ([], [], False)


def test_an_unknown_consumer_has_none() -> None:
    assert find_policy(public_key="unknown") is None
    assert find_policy(pk=10**9) is None


def test_without_required_groups_everybody_may_enter() -> None:
    assert may_enter(policy_of(register()), person())


def test_with_them_members_of_any_may_and_nobody_else() -> None:
    app = register(required_groups=["agents", "boss"])
    alice, bob = person("alice"), person("bob")
    alice.groups.add(Group.objects.get(name="boss"))
    bob.groups.add(Group.objects.create(name="others"))

    assert may_enter(policy_of(app), alice)
    assert not may_enter(policy_of(app), bob)


def test_another_consumers_groups_open_nothing() -> None:
    app = register(required_groups=["agents"])
    register("other", public_key="o", private_key="o", required_groups=["others"])
    bob = person("bob")
    bob.groups.add(Group.objects.get(name="others"))

    assert not may_enter(policy_of(app), bob)


def test_a_deleted_group_opens_nothing() -> None:
    app = register(required_groups=["agents"])
    Group.objects.get(name="agents").delete()

    assert not may_enter(policy_of(app), person())


def test_the_first_group_required_restricts_and_the_last_one_taken_frees() -> None:
    policy, group = policy_of(register()), Group.objects.create(name="agents")
    policy.set_required_groups([group])
    assert not may_enter(policy_of(policy.consumer), person())

    policy.set_required_groups([])
    assert may_enter(policy_of(policy.consumer), person("bob"))


def extra(app: Consumer, asked: object) -> object:
    alice = person()
    alice.groups.add(Group.objects.create(name="b"), Group.objects.create(name="a"))
    return server.get_user_extra_data(alice, policy_of(app).consumer, asked)


def test_what_is_asked_for_and_granted_is_told() -> None:
    assert extra(register(granted=["groups"]), ["groups"]) == {"groups": ["a", "b"]}


@pytest.mark.parametrize(
    ("granted", "asked"),
    [
        ([], ["groups"]),
        (["groups"], []),
        (["groups"], ["date_joined"]),
        (["password"], ["password"]),
        (["groups"], "groups"),
        (["groups"], None),
        (["groups"], {"groups": 1}),
        (["groups"], [["groups"], None, 7]),
    ],
)
def test_everything_else_is_left_out(granted: list[str], asked: object) -> None:
    assert extra(register(granted=granted), asked) == {}
