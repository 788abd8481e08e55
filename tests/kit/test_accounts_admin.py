"""Accounts in Django's admin: linked and unlinked by who may, with what they need to see."""

from __future__ import annotations

import logging
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sso_kit.client.accounts import adoption
from sso_kit.client.models import Adoption, Identity, KnownServer, LinkRequest
from sso_kit.errors import NameClash
from tests.kit import urls
from tests.kit.consumers import person
from tests.kit.test_identity import word_of_the_server

pytestmark = pytest.mark.django_db
ISSUER = urls.SERVER_URL


def page(model: str, what: str = "changelist", *of: object) -> str:
    return reverse(f"admin:sso_kit_client_{model}_{what}", args=of)


def browser_of(user: User) -> Client:
    browser = Client(headers={"host": "app.test"})
    browser.force_login(user)
    return browser


@pytest.fixture
def admins() -> Client:
    return browser_of(person("root", is_staff=True, is_superuser=True))


@pytest.fixture
def helpers() -> Client:
    """Staff with every right on accounts, and no superuser."""
    helper = person("helper", is_staff=True)
    ours = Permission.objects.filter(content_type__app_label="sso_kit_client")
    helper.user_permissions.set(ours)
    return browser_of(helper)


def log_in(**changes: Any) -> Any:
    return urls.client.accounts.account_for(word_of_the_server(**changes))


def link(browser: Client, user: Any, subject: str = "17", issuer: str = ISSUER) -> Any:
    form = {"issuer": issuer, "subject": subject, "user": getattr(user, "pk", user)}
    return browser.post(page("identity", "add"), form, follow=True)


def text(answer: Any) -> str:
    return unescape(answer.content.decode())


def test_every_page_opens_for_who_may_and_for_nobody_else(admins: Client) -> None:
    log_in()
    adoption.allow([person("bob")], ISSUER, timezone.now() + timedelta(days=1))
    nobody = browser_of(person("plain", is_staff=True))

    for model in ("identity", "linkrequest", "adoption", "knownserver"):
        assert admins.get(page(model)).status_code == 200
        assert nobody.get(page(model)).status_code == 403
    for model, row in (
        ("identity", Identity.objects.get()),
        ("adoption", Adoption.objects.get()),
        ("knownserver", KnownServer.objects.get()),
    ):
        assert admins.get(page(model, "change", row.pk)).status_code == 200
        assert admins.get(page(model, "delete", row.pk)).status_code == 200


def test_an_account_is_found_by_its_name_and_by_its_subject(admins: Client) -> None:
    log_in()
    log_in(subject="18", username="bob")

    assert "alice" not in text(admins.get(page("identity"), {"q": "bob"}))
    assert "alice" in text(admins.get(page("identity"), {"q": "17"}))


def test_who_waits_leads_to_the_form_with_the_person_filled_in_and_the_account_left_open(
    admins: Client,
) -> None:
    boss = person("alice", is_staff=True)
    with pytest.raises(NameClash):
        log_in()

    listed = text(admins.get(page("linkrequest")))
    assert "alice: joined" in listed
    assert "STAFF" in listed
    (target,) = {part.split('"')[0] for part in listed.split('href="') if "/identity/add/?" in part}
    form = text(admins.get(target))
    assert 'value="17"' in form
    assert f'value="{ISSUER}" selected' in form
    assert f'value="{boss.pk}"' not in form
    assert parse_qs(urlsplit(target).query) == {"issuer": [ISSUER], "subject": ["17"]}

    link(admins, boss)
    assert log_in() == boss
    assert not LinkRequest.objects.exists()


def test_what_is_done_is_in_the_log_and_in_the_admins_history(
    admins: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        link(admins, person("alice"))
        admins.post(page("identity", "delete", Identity.objects.get().pk), {"post": "yes"})

    assert "account handed over (user=alice, subject=17, by=root)" in caplog.text
    assert "account taken away from who had it (user=alice, subject=17, by=root)" in caplog.text
    assert [entry.action_flag for entry in LogEntry.objects.order_by("pk")] == [1, 3]


def test_unlinked_an_account_stays(admins: Client) -> None:
    alice = log_in()

    action = {"action": "delete_selected", "_selected_action": [Identity.objects.get().pk]}
    admins.post(page("identity"), {**action, "post": "yes"})

    assert not Identity.objects.exists()
    assert User.objects.filter(pk=alice.pk).exists()


def test_an_account_that_is_somebodys_and_a_person_who_has_one_are_refused_in_words(
    admins: Client,
) -> None:
    alice, other = log_in(), person("other")

    assert "already exists" in text(link(admins, alice, "18"))
    assert "already exists" in text(link(admins, other, "17"))
    assert "not one of the available choices" in text(link(admins, other, "19", "urn:else"))
    assert "Select a valid choice" in text(link(admins, 999_999, "19"))
    assert Identity.objects.count() == 1


def test_of_two_who_link_at_once_the_second_is_told(
    admins: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_late(*_: Any, **__: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(adoption, "link", too_late)

    assert "has been linked just now" in text(link(admins, person("alice")))


@pytest.mark.parametrize("rights", [{"is_staff": True}, {"is_superuser": True}], ids=str)
def test_who_is_no_superuser_cannot_make_an_account_with_rights_somebodys(
    helpers: Client, admins: Client, rights: dict[str, bool]
) -> None:
    """The attack: link the administrator's account to oneself, and sign in."""
    boss = person("boss", **rights)

    assert "only a superuser links it" in text(link(helpers, boss))
    assert not Identity.objects.exists()

    link(admins, boss)  # the control: it is the form that refuses, and not the account
    assert Identity.objects.get().user == boss


def test_nor_take_it_away(helpers: Client, admins: Client) -> None:
    link(admins, person("boss", is_superuser=True))
    link(helpers, person("plain"), "18")
    rows = [str(identity.pk) for identity in Identity.objects.all()]
    action = {"action": "delete_selected", "_selected_action": rows, "post": "yes"}

    helpers.post(page("identity"), action)
    boss = Identity.objects.get(user__username="boss")
    assert helpers.post(page("identity", "delete", boss.pk), {"post": "yes"}).status_code == 403

    assert Identity.objects.filter(user__username="boss").exists()


def test_nothing_is_changed_or_made_but_links(admins: Client) -> None:
    log_in()
    adoption.allow([person("bob")], ISSUER, timezone.now() + timedelta(days=1))

    identity = Identity.objects.get()
    admins.post(page("identity", "change", identity.pk), {"subject": "18"})
    identity.refresh_from_db()
    assert identity.subject == "17"
    for model in ("linkrequest", "adoption", "knownserver"):
        assert admins.get(page(model, "add")).status_code == 403


def test_an_allowance_is_withdrawn_and_a_server_forgotten(
    admins: Client, caplog: pytest.LogCaptureFixture
) -> None:
    log_in()
    adoption.allow([person("bob")], ISSUER, timezone.now() + timedelta(days=1))

    with caplog.at_level(logging.INFO):
        for model, row in (
            ("adoption", Adoption.objects.get()),
            ("knownserver", KnownServer.objects.get()),
        ):
            chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
            admins.post(page(model), chosen)

    assert "take-over withdrawn (user=bob, by=root)" in caplog.text
    assert "identity server forgotten" in caplog.text
    assert not Adoption.objects.exists()
    assert not KnownServer.objects.exists()
    assert Identity.objects.exists()
