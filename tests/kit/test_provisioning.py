"""Consumers registered from code: made once, overwritten only where that is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from simple_sso.sso_server.models import Consumer

from sso_kit.server.directory import may_enter
from sso_kit.server.provisioning import ensure_consumer, overwrite_consumer
from sso_kit.server.rotation import rotate
from tests.kit.consumers import another, person, policy_of, register
from tests.kit.urls import APP_URL, PRIVATE_KEY, PUBLIC_KEY

pytestmark = pytest.mark.django_db


def everything(consumer: Consumer) -> dict[str, Any]:
    policy = policy_of(consumer)
    groups = sorted(group.name for group in policy.required_groups.all())
    fields = ("name", "public_key", "private_key")
    kept = Consumer.objects.filter(pk=consumer.pk).values(*fields).get()
    terms = (policy.origins, policy.granted, policy.legacy, list(policy.private_keys()))
    return {**kept, "terms": terms, "groups": groups}


def overwrite(consumer: Consumer, name: str = "app", **changes: Any) -> Consumer:
    terms = {"origins": [APP_URL], "granted": ["groups"], **changes}
    return overwrite_consumer(consumer, name, PUBLIC_KEY, PRIVATE_KEY, **terms)


def test_registering_again_changes_nothing() -> None:
    before = everything(register(required_groups=["agents"]))

    again = register(
        private_key="another" * 8, origins=["https://new.example"], granted=[], required_groups=[]
    )

    assert everything(again) == before
    assert Consumer.objects.count() == 1


def test_who_was_refused_stays_refused_after_registering_again() -> None:
    app, carol = register(), person("carol")
    assert may_enter(policy_of(app), carol)
    overwrite(app, required_groups=["agents"])

    register()

    assert not may_enter(policy_of(app), carol)


def test_a_renamed_consumer_is_still_the_same() -> None:
    app = register()
    Consumer.objects.update(name="renamed")

    assert register() == app
    assert Consumer.objects.get().name == "renamed"


def test_a_consumer_with_a_nonsensical_origin_is_not_made() -> None:
    with pytest.raises(ValidationError):
        ensure_consumer("app", "public", "private", origins=[APP_URL, "nonsense"])

    assert not Consumer.objects.exists()


def test_overwriting_brings_everything_back() -> None:
    app = register()
    before = everything(app)
    Consumer.objects.update(name="renamed")
    rotate(app)
    policy = policy_of(app)
    policy.origins, policy.granted, policy.legacy = ["https://new.example"], [], True
    policy.save()

    overwrite(Consumer.objects.get())

    assert everything(app) == before


def test_overwriting_with_the_same_key_keeps_its_overlap() -> None:
    app = register()
    new = rotate(app)

    overwrite_consumer(app, "app", PUBLIC_KEY, new, origins=[APP_URL])

    assert list(policy_of(app).private_keys()) == [new, PRIVATE_KEY]


@pytest.mark.parametrize("changes", [{"name": "other"}, {"origins": ["nonsense"]}])
def test_overwriting_is_refused_whole(changes: dict[str, Any]) -> None:
    app, other = register(), another()
    before = everything(app), everything(other)

    with pytest.raises(ValidationError):
        overwrite(Consumer.objects.get(pk=app.pk), **changes)

    assert (everything(app), everything(other)) == before
