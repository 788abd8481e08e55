"""The admin: keys are replaced and never shown, and a policy makes sense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from simple_sso.sso_server.models import Consumer

from sso_kit.keys import fingerprint
from tests.kit.consumers import person, policy_of
from tests.kit.test_rotation import status_of_an_ask_signed_with
from tests.kit.urls import APP_URL, PRIVATE_KEY

pytestmark = pytest.mark.django_db


@pytest.fixture
def admins(db: None) -> Client:
    browser = Client(headers={"host": "sso.test"})
    browser.force_login(person("root", is_staff=True, is_superuser=True))
    return browser


def act(browser: Client, action: str, consumer: Consumer) -> Any:
    url = reverse("admin:sso_server_consumer_changelist")
    return browser.post(url, {"action": action, "_selected_action": [consumer.pk]}, follow=True)


def test_the_admin_rotates_with_overlap(admins: Client, app: Consumer) -> None:
    page = act(admins, "rotate_key", app)

    app.refresh_from_db()
    assert fingerprint(app.private_key) in page.content.decode()
    assert app.private_key not in page.content.decode()
    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 200


def test_the_admin_revokes_at_once(admins: Client, app: Consumer) -> None:
    act(admins, "revoke_key_now", app)

    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 400


def test_the_admin_never_shows_a_private_key(admins: Client, app: Consumer) -> None:
    for url in (
        reverse("admin:sso_server_consumer_changelist"),
        reverse("admin:sso_server_consumer_change", args=[app.pk]),
    ):
        page = admins.get(url).content.decode()
        assert PRIVATE_KEY not in page
        assert fingerprint(PRIVATE_KEY) in page


def test_the_admin_gives_a_new_consumer_a_policy(admins: Client) -> None:
    answer = admins.post(
        reverse("admin:sso_server_consumer_add"),
        {
            "name": "new",
            "policy-TOTAL_FORMS": "1",
            "policy-INITIAL_FORMS": "0",
            "policy-0-origins": '["https://new.example"]',
            "policy-0-granted": "[]",
        },
    )

    assert answer.status_code == 302
    assert policy_of(Consumer.objects.get(name="new")).origins == ["https://new.example"]


def change_policy(browser: Client, app: Consumer, origins: str, granted: str) -> int:
    answer = browser.post(
        reverse("admin:sso_server_consumer_change", args=[app.pk]),
        {
            "name": app.name,
            "policy-TOTAL_FORMS": "1",
            "policy-INITIAL_FORMS": "1",
            "policy-0-id": policy_of(app).pk,
            "policy-0-consumer": app.pk,
            "initial-policy-0-origins": json.dumps([APP_URL]),
            "policy-0-origins": origins,
            "initial-policy-0-granted": json.dumps(["groups"]),
            "policy-0-granted": granted,
        },
    )
    return int(answer.status_code)


@pytest.mark.parametrize(
    "origins", ['"https://app.example"', '["nonsense"]', "[1]", "{}", "not json"]
)
def test_the_admin_refuses_origins_that_are_none(
    admins: Client, app: Consumer, origins: str
) -> None:
    assert change_policy(admins, app, origins, "[]") == 200
    assert policy_of(app).origins == [APP_URL]


@pytest.mark.parametrize("granted", ['"groups"', "[1]", "{}", "7", "true", "not json"])
def test_the_admin_refuses_a_grant_that_is_no_list(
    admins: Client, app: Consumer, granted: str
) -> None:
    assert change_policy(admins, app, "[]", granted) == 200
    assert policy_of(app).granted == ["groups"]


@pytest.mark.parametrize("nothing", ["", "[]", "null"])
def test_the_admin_takes_an_empty_field_for_an_empty_list(
    admins: Client, app: Consumer, nothing: str
) -> None:
    assert change_policy(admins, app, nothing, nothing) == 302
    assert (policy_of(app).origins, policy_of(app).granted) == ([], [])
