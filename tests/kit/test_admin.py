"""The admin: keys are replaced and never shown, and a policy makes sense."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse
from simple_sso.sso_server.models import Consumer

from sso_kit.keys import fingerprint
from sso_kit.server.admin import ConsumerAdmin
from tests.kit.consumers import another, person, policy_of
from tests.kit.logged import event
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


def staff_who_may(*rights: str) -> Client:
    """The browser of somebody with these rights on consumers."""
    helper = person("helper", is_staff=True)
    names = [f"{right}_consumer" for right in rights]
    helper.user_permissions.set(Permission.objects.filter(codename__in=names))
    browser = Client(headers={"host": "sso.test"})
    browser.force_login(helper)
    return browser


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


ACTIONS = pytest.mark.parametrize("action", ["rotate_key", "revoke_key_now"])


@ACTIONS
def test_who_may_only_look_replaces_no_key_by_hand_either(app: Consumer, action: str) -> None:
    lookers = staff_who_may("view")
    assert app.name in lookers.get(reverse("admin:sso_server_consumer_changelist")).text

    act(lookers, action, app)

    app.refresh_from_db()
    assert app.private_key == PRIVATE_KEY
    assert status_of_an_ask_signed_with(PRIVATE_KEY) == 200
    assert not LogEntry.objects.exists()


@ACTIONS
def test_who_may_change_consumers_replaces_a_key(app: Consumer, action: str) -> None:
    act(staff_who_may("view", "change"), action, app)

    app.refresh_from_db()
    assert app.private_key != PRIVATE_KEY


@ACTIONS
def test_rights_on_one_consumer_are_none_on_another(
    admins: Client, app: Consumer, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As back ends with rights on single objects have it."""

    def may_change(self: ConsumerAdmin, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.name == "other"

    other = another()
    monkeypatch.setattr(ConsumerAdmin, "has_change_permission", may_change)

    refusal = act(admins, action, app)
    act(admins, action, other)

    assert "You may not change app" in refusal.text
    assert Consumer.objects.get(name="app").private_key == PRIVATE_KEY
    assert Consumer.objects.get(name="other").private_key != other.private_key


@pytest.mark.parametrize(
    ("action", "done"), [("rotate_key", "counts for 1:00:00 more"), ("revoke_key_now", "revoked")]
)
def test_who_replaced_a_key_is_in_the_consumers_history_and_in_the_log(
    admins: Client,
    app: Consumer,
    action: str,
    done: str,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        act(admins, action, app)

    app.refresh_from_db()
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.object_id) == ("root", str(app.pk))
    assert fingerprint(app.private_key) in entry.get_change_message()
    assert done in entry.get_change_message()
    page = admins.get(reverse("admin:sso_server_consumer_history", args=[app.pk]))
    assert done in page.text
    assert said_by(caplog, "key rotated") == ["root"]
    assert app.private_key not in entry.change_message + page.text


def test_a_changed_policy_is_in_the_consumers_history(admins: Client, app: Consumer) -> None:
    change_policy(admins, app, "[]", "[]")

    message = LogEntry.objects.get().get_change_message()
    assert "Origins" in message
    assert "Granted" in message


def said_by(caplog: pytest.LogCaptureFixture, step: str) -> list[str]:
    return [vars(record)["by"] for record in caplog.records if event(record) == step]
