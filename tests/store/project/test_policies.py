"""What a consumer may do."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries
from simple_sso.sso_server.models import Consumer

from sso_kit.server.models import ConsumerPolicy
from sso_kit.store import server

from .comparing import ODD, afresh, assert_same, compares

pytestmark = pytest.mark.django_db


def policy_by_orm(**lookup: Any) -> ConsumerPolicy | None:
    named = {f"consumer__{name}": value for name, value in lookup.items()}
    return ConsumerPolicy.objects.select_related("consumer").filter(**named).first()


@compares(server.policy_of)
@pytest.mark.parametrize("by", ["pk", "public_key"])
@pytest.mark.parametrize("groups", [0, 1, 5])
@pytest.mark.parametrize("restricted", [True, False])
def test_a_policy_comes_with_its_consumer_and_required_groups(
    policy: ConsumerPolicy, by: str, groups: int, restricted: bool
) -> None:
    other = Consumer.objects.create(name="other", public_key="other", private_key="other")
    ConsumerPolicy.objects.create(consumer=other).required_groups.add(
        Group.objects.create(name="others")
    )
    policy.required_groups.set([Group.objects.create(name=f"{ODD}{n}") for n in range(groups)])
    ConsumerPolicy.objects.filter(pk=policy.pk).update(restricted=restricted)
    lookup = {by: getattr(policy.consumer, by)}

    found, expected = server.policy_of(**lookup), policy_by_orm(**lookup)

    assert found is not None
    assert expected is not None
    assert_same(found, expected)
    assert_same(found.consumer, expected.consumer)
    assert found.required_group_keys == expected.required_group_keys
    assert len(found.required_group_keys) == groups
    assert found.admits_everybody == expected.admits_everybody


@compares(server.policy_of)
def test_a_consumer_without_a_policy_has_none(consumer: Consumer) -> None:
    assert server.policy_of(pk=consumer.pk) is policy_by_orm(pk=consumer.pk) is None


@compares(server.policy_of)
@pytest.mark.parametrize("key", ["", "PUBLIC", "public'", "public' OR '1'='1", ODD])
def test_an_unknown_key_has_no_policy(policy: ConsumerPolicy, key: str) -> None:
    assert server.policy_of(public_key=key) is policy_by_orm(public_key=key) is None


@compares(server.policy_of)
@pytest.mark.parametrize("origins", [[], {}, 7, "text", [ODD, 1, None, {"a": [True]}]])
def test_json_comes_back_as_it_was(policy: ConsumerPolicy, origins: Any) -> None:
    ConsumerPolicy.objects.filter(pk=policy.pk).update(origins=origins, legacy=True)

    found = server.policy_of(pk=policy.consumer_id)

    assert found is not None
    assert_same(found, afresh(policy))


@compares(server.policy_of)
def test_a_policy_with_all_that_belongs_to_it_is_one_statement(
    policy: ConsumerPolicy, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        found = server.policy_of(public_key="public")
        assert found is not None
        assert found.consumer.policy is found
        assert found.admits_everybody
