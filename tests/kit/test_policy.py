"""Which address, which data and which people a consumer gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit.errors import OriginRefused
from sso_kit.messages import HARDENED
from sso_kit.server.directory import may_enter
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.policy import check_redirect, find_policy
from tests.kit.consumers import person, policy_of, register
from tests.kit.urls import server

pytestmark = pytest.mark.django_db

LONGEST = HARDENED.longest_redirect


def test_a_registered_origin_may_have_any_path() -> None:
    policy = policy_of(register(origins=["https://app.example"]))
    for url in ("https://app.example/a/?b=c", "https://app.example:443/", "https://APP.example"):
        assert check_redirect(policy, url, LONGEST) == url


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
        "https://app.example/" + "a" * HARDENED.longest_redirect,
    ],
)
def test_every_other_address_is_refused(url: object) -> None:
    policy = policy_of(register(origins=["https://app.example"]))

    with pytest.raises(OriginRefused) as refused:
        check_redirect(policy, url, LONGEST)
    assert refused.value.status == 400


def test_the_refusal_says_how_to_register_the_origin() -> None:
    with pytest.raises(
        OriginRefused, match=r"sso_consumer app --origin https://new\.example:443/cb$"
    ):
        check_redirect(policy_of(register()), "https://new.example/cb?state=s", LONGEST)


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ("https://app.example/sso/authenticate/", True),
        ("https://app.example:443/sso/authenticate/?state=s", True),
        ("https://app.example/sso/authenticate", False),
        ("https://app.example/SSO/authenticate/", False),
        ("https://app.example/sso/authenticate/../../open-redirect/", False),
        ("https://app.example/sso/authenticate/%2e%2e/", False),
        ("https://app.example/open-redirect/?to=//evil.example", False),
        ("https://app.example/", False),
        ("http://app.example/sso/authenticate/", False),
    ],
)
def test_of_a_whole_address_the_path_counts_too(asked: str, fits: bool) -> None:
    """RFC 9700, 4.1.3: a token must not reach a page of the app that passes it on."""
    policy = policy_of(register(origins=["https://app.example/sso/authenticate/"]))

    if fits:
        assert check_redirect(policy, asked, LONGEST) == asked
    else:
        with pytest.raises(OriginRefused, match="not registered"):
            check_redirect(policy, asked, LONGEST)


@pytest.mark.parametrize("path", ["", "/"])
def test_of_a_bare_origin_every_path_will_do(path: str) -> None:
    policy = policy_of(register(origins=[f"https://app.example{path}"]))

    assert check_redirect(policy, "https://app.example/any/where/", LONGEST)


@pytest.mark.parametrize("registered", ["https://app.example/cb?a=1", "https://app.example/cb#a"])
def test_an_address_is_registered_without_query_or_fragment(registered: str) -> None:
    with pytest.raises(ValidationError, match="leave out the query"):
        register(origins=[registered])


@pytest.mark.parametrize("debug", [True, False])
def test_without_origins_loopback_will_do_while_developing(settings: Settings, debug: bool) -> None:
    settings.DEBUG, policy = debug, policy_of(register(origins=[]))
    local, foreign = "http://localhost:8001/sso/authenticate/", "https://evil.example/"

    if debug:
        assert check_redirect(policy, local, LONGEST) == local
    else:
        with pytest.raises(OriginRefused):
            check_redirect(policy, local, LONGEST)
    with pytest.raises(OriginRefused):
        check_redirect(policy, foreign, LONGEST)


def test_with_origins_loopback_will_not_do_even_then(settings: Settings) -> None:
    settings.DEBUG = True

    with pytest.raises(OriginRefused):
        check_redirect(policy_of(register()), "http://localhost:8001/", LONGEST)


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


@pytest.mark.parametrize("how", ["one", "all at once"])
def test_a_deleted_group_opens_nothing(how: str) -> None:
    app = register(required_groups=["agents"])
    agents = Group.objects.filter(name="agents")
    agents.get().delete() if how == "one" else agents.delete()

    assert not may_enter(policy_of(app), person())


def add_by_relation(policy: ConsumerPolicy, group: Group) -> None:
    policy.required_groups.add(group)


def set_by_relation(policy: ConsumerPolicy, group: Group) -> None:
    policy.required_groups.set([group])


def write_the_row(policy: ConsumerPolicy, group: Group) -> None:
    """As a bulk import or a fixture does: no signal is sent."""
    through = policy.required_groups.through
    through.objects.bulk_create([through(consumerpolicy=policy, group=group)])


@pytest.mark.parametrize("way", [add_by_relation, set_by_relation, write_the_row])
def test_however_a_group_comes_to_be_required_it_restricts(
    way: Callable[[ConsumerPolicy, Group], None],
) -> None:
    app, agents = register(), Group.objects.create(name="agents")
    way(policy_of(app), agents)
    alice, bob = person("alice"), person("bob")
    alice.groups.add(agents)

    assert may_enter(policy_of(app), alice)
    assert not may_enter(policy_of(app), bob)
    assert not may_enter(ConsumerPolicy.objects.get(), bob)


@pytest.mark.parametrize("way", [add_by_relation, write_the_row])
def test_however_it_came_its_deletion_opens_nothing(
    way: Callable[[ConsumerPolicy, Group], None],
) -> None:
    """Also where the stored mark was never set, or taken off in the admin beside the group."""
    app, agents = register(), Group.objects.create(name="agents")
    way(policy_of(app), agents)
    ConsumerPolicy.objects.update(restricted=False)

    Group.objects.filter(name="agents").delete()

    assert not may_enter(policy_of(app), person("bob"))


@pytest.mark.parametrize("way", ["remove", "clear", "set"])
def test_taking_the_last_required_group_away_opens_the_app(way: str) -> None:
    app = register(required_groups=["agents"])
    groups = policy_of(app).required_groups
    ways: dict[str, Callable[[], None]] = {
        "remove": lambda: groups.remove(groups.get()),
        "clear": lambda: groups.clear(),
        "set": lambda: groups.set([]),
    }
    ways[way]()

    assert may_enter(policy_of(app), person())


def test_restricted_without_a_group_lets_nobody_in() -> None:
    app = register()
    ConsumerPolicy.objects.update(restricted=True)

    assert not may_enter(policy_of(app), person())


def test_the_question_who_may_enter_an_open_app_costs_no_query(
    django_assert_num_queries: Any,
) -> None:
    policy, alice = policy_of(register()), person()

    with django_assert_num_queries(0):
        assert may_enter(policy, alice)


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


def test_policies_fetched_together_cost_no_statement_each(
    django_assert_num_queries: Any,
) -> None:
    for name in ("one", "two", "three"):
        register(name, public_key=name, private_key=(name * 20)[:60], required_groups=["agents"])
    policies = list(ConsumerPolicy.objects.prefetch_related("required_groups"))

    with django_assert_num_queries(0):
        assert not any(policy.admits_everybody for policy in policies)
