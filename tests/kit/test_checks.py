"""``manage.py check --deploy``: each finding when it should be, and silence else."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

import sso_kit
from lab.table import ROOT
from sso_kit.client import Client
from sso_kit.store import people
from tests.kit import urls
from tests.kit.consumers import policy_of, register
from tests.kit.projects import use

pytestmark = pytest.mark.django_db
DOCS = (ROOT / "docs" / "sso-kit.md").read_text()
HTTPS = {"server_url": "https://sso.test/server/", "base_url": "https://app.test"}


@pytest.fixture(autouse=True)
def safe(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """A project in which nothing is wrong: each test spoils one thing."""
    for name, value in HTTPS.items():
        monkeypatch.setattr(urls.client, name, value)
    register(origins=["https://app.test"])


def ids(*, deploy: bool = True) -> set[str]:
    tags = [Tags.security, Tags.database]
    found = run_checks(tags=tags, include_deployment_checks=deploy, databases=["default"])
    return {str(message.id) for message in found if str(message.id).startswith("sso_kit.")}


def test_nothing_is_said_where_nothing_is_wrong() -> None:
    assert ids() == set()


def spoil_client(**attributes: Any) -> Callable[[pytest.MonkeyPatch, Settings], None]:
    def spoil(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        for name, value in attributes.items():
            monkeypatch.setattr(urls.client, name, value)

    return spoil


def spoil_settings(**values: Any) -> Callable[[pytest.MonkeyPatch, Settings], None]:
    def spoil(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        for name, value in values.items():
            setattr(settings, name, value)

    return spoil


def spoil_consumer(**values: Any) -> Callable[[pytest.MonkeyPatch, Settings], None]:
    def spoil(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
        policy = policy_of(Consumer.objects.get())
        for name, value in values.items():
            setattr(policy if hasattr(policy, name) else policy.consumer, name, value)
        policy.save()
        policy.consumer.save()

    return spoil


def without_groups(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(urls.client.accounts, "group_map", {"agents": "helpers"})
    monkeypatch.setattr(people, "has_groups", lambda: False)


def at_the_front_page(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    use(settings, *urls.client.get_urls())


ENGINES = "django.contrib.sessions.backends"
SPOILT = [
    ("sso_kit.E001", spoil_settings(SSO_KIT={"DEFENCES_OFF": ["freshness"]})),
    ("sso_kit.E001", spoil_settings(SSO_KIT={"LAB_MODE": True, "DEFENCES_OFF": ["nonsense"]})),
    ("sso_kit.E007", spoil_settings(SSO_KIT={"DEFENCE_OFF": []})),
    ("sso_kit.E007", spoil_settings(SSO_KIT={"LAB_MODE": "no", "DEFENCES_OFF": ["freshness"]})),
    ("sso_kit.E007", spoil_settings(SSO_KIT=["LAB_MODE"])),
    ("sso_kit.E008", spoil_settings(SSO_KIT_LAB_MODE=True)),
    ("sso_kit.E008", spoil_settings(SSO_KIT_DEFENCES_OFF=[])),
    ("sso_kit.E008", spoil_settings(SSO_KIT_MANAGE="make")),
    ("sso_kit.E002", spoil_settings(SESSION_COOKIE_SAMESITE="Strict")),
    ("sso_kit.W003", spoil_consumer(origins=[])),
    ("sso_kit.W004", spoil_consumer(legacy=True)),
    ("sso_kit.W006", spoil_consumer(restricted=True)),
    ("sso_kit.W005", spoil_consumer(private_key="short")),
    ("sso_kit.W010", spoil_settings(ROOT_URLCONF="tests.kit.urls_without")),
    ("sso_kit.E011", spoil_client(base_url=None)),
    ("sso_kit.W012", spoil_client(server_url="http://sso.test/server/")),
    ("sso_kit.W013", spoil_client(base_url="http://app.test")),
    ("sso_kit.E014", spoil_client(private_key="short")),
    ("sso_kit.W015", spoil_client(legacy_server=True)),
    ("sso_kit.W016", without_groups),
    ("sso_kit.W028", at_the_front_page),
    ("sso_kit.E029", spoil_settings(SESSION_ENGINE=f"{ENGINES}.signed_cookies")),
    ("sso_kit.E030", spoil_settings(SESSION_ENGINE=f"{ENGINES}.cache")),
    ("sso_kit.E030", spoil_settings(SESSION_ENGINE=f"{ENGINES}.cached_db")),
    ("sso_kit.W031", spoil_settings(MIDDLEWARE=["sso_kit.client.middleware.SessionMiddleware"])),
    ("sso_kit.W032", spoil_settings(MIDDLEWARE=["sso_kit.server.middleware.SessionMiddleware"])),
    ("sso_kit.E033", spoil_settings(SSO_KIT={"USERS": "cache"})),
    ("sso_kit.E033", spoil_settings(SSO_KIT={"USERS": "cache", "USERS_CACHE": "nowhere"})),
]


@pytest.mark.parametrize(("finding", "spoil"), SPOILT)
def test_a_mistake_is_found_and_nothing_else(
    finding: str,
    spoil: Callable[[pytest.MonkeyPatch, Settings], None],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    spoil(monkeypatch, settings)

    assert ids() == {finding}


def found_in_the_code(files: str) -> set[str]:
    sources = Path(sso_kit.__file__).parent.rglob(files)
    texts = [source.read_text() for source in sources]
    return {name for text in texts for name in re.findall(r'id="(sso_kit\.[EW]\d+)"', text)}


def test_every_finding_that_exists_has_a_test() -> None:
    assert found_in_the_code("checks.py") == {finding for finding, _ in SPOILT}


def test_the_page_has_a_line_with_the_fix_for_each_finding_and_for_no_other() -> None:
    rows = re.findall(r"^\| `(sso_kit\.\w+)`[^|]*\| [^|]+ \| [^|]+ \|$", DOCS, re.MULTILINE)

    assert set(rows) == found_in_the_code("*.py")
    assert set(re.findall(r"sso_kit\.[EW]\d+", DOCS)) == set(rows)


@pytest.mark.parametrize(
    ("finding", "value"),
    [("sso_kit.E001", {"DEFENCES_OFF": ["freshness"]}), ("sso_kit.E007", {"BASEURL": ""})],
)
def test_a_setting_that_is_refused_stops_even_runserver(
    settings: Settings, finding: str, value: object
) -> None:
    settings.SSO_KIT = value

    assert ids(deploy=False) == {finding}


@pytest.mark.parametrize(("debug", "deploy"), [(False, False), (True, False), (True, True)])
def test_a_missing_base_url_stops_nobody_before_the_deployment(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, debug: bool, deploy: bool
) -> None:
    monkeypatch.setattr(urls.client, "base_url", None)
    settings.DEBUG = debug

    assert ids(deploy=deploy) == set()


@pytest.mark.parametrize(("finding", "spoil"), SPOILT)
def test_each_finding_says_what_to_do(
    finding: str,
    spoil: Callable[[pytest.MonkeyPatch, Settings], None],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    spoil(monkeypatch, settings)

    tags = [Tags.security, Tags.database]
    found = run_checks(tags=tags, include_deployment_checks=True, databases=["default"])
    (ours,) = [message for message in found if str(message.id).startswith("sso_kit.")]
    assert ours.hint
    said = re.search(rf"`{finding}`( \*deploy\*)?", DOCS)
    assert said
    assert (ids(deploy=False) == set()) == bool(said[1])


def test_a_database_without_tables_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def missing(*_: object) -> None:
        raise OperationalError("no such table")

    monkeypatch.setattr("sso_kit.server.models.ConsumerPolicy.objects.select_related", missing)
    assert ids() == set()


def test_the_class_is_found_where_the_urls_are() -> None:
    from sso_kit.client.installed import current_client

    assert isinstance(current_client(), Client)


def test_a_client_can_be_made_of_one_text() -> None:
    """Stock's ``from_dsn``, with the kit's options."""
    client = Client.from_dsn("https://PUBLIC:PRIVATE@sso.example/sso", base_url="https://app")

    assert (client.server_url, client.public_key) == ("https://sso.example/sso/", "PUBLIC")
    assert (client.private_key, client.base_url) == ("PRIVATE", "https://app")
