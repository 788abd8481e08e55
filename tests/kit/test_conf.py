"""The kit's settings: each is what it says, and a mistake in one is never overlooked."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from lab.table import ROOT
from sso_kit import commands, conf, defences
from sso_kit.back_channel.gate import Budget
from sso_kit.client import Client
from sso_kit.defences import Defence
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY, SERVER_URL

READ: dict[str, tuple[object, Callable[[], object]]] = {
    "BASE_URL": ("https://app.example", conf.base_url),
    "ISSUER": ("urn:example:sso", conf.issuer),
    "CONNECT_SECONDS": (7, lambda: Budget().connect),
    "READ_SECONDS": (7.5, lambda: Budget().read),
    "GLANCE_SECONDS": (0.2, lambda: Budget().glance),
    "CALLS_AT_ONCE": (7, lambda: Budget().at_once),
    "MANAGE": ("make ARGS={quoted}", conf.manage),
    "CHECK_SECONDS": (5, conf.check_seconds),
    "GRACE_SECONDS": (6, conf.grace_seconds),
    "IDLE_SECONDS": (7, conf.idle_seconds),
    "LONGEST_SECONDS": (8, conf.longest_seconds),
    "USERS": ("cache", lambda: "cache" if conf.users_in_cache() else "database"),
    "USERS_CACHE": ("people", conf.users_cache),
    "TELL_SECONDS": (0.5, conf.tell_seconds),
    "TELL_AGAIN": (False, conf.tell_again),
    "APP_BACK_CHANNELS": ({"public": "http+unix://%2Frun%2Fapp.sock"}, conf.app_back_channels),
    "LAB_MODE": (True, conf.lab_mode),
    "DEFENCES_OFF": (["freshness"], conf.defences_off),
}
WRONG: list[tuple[str, object]] = [
    ("BASE_URL", None),
    ("BASE_URL", "app.example"),
    ("BASE_URL", "ftp://app.example"),
    ("ISSUER", 1),
    ("CONNECT_SECONDS", "1"),
    ("CONNECT_SECONDS", True),
    ("READ_SECONDS", 0),
    ("READ_SECONDS", -1),
    ("READ_SECONDS", float("inf")),
    ("READ_SECONDS", float("nan")),
    ("GLANCE_SECONDS", None),
    ("CALLS_AT_ONCE", 0),
    ("CALLS_AT_ONCE", 1.5),
    ("CHECK_SECONDS", 0),
    ("GRACE_SECONDS", "600"),
    ("IDLE_SECONDS", 0),
    ("LONGEST_SECONDS", -1),
    ("USERS", "session"),
    ("USERS_CACHE", ""),
    ("TELL_SECONDS", None),
    ("TELL_AGAIN", None),
    ("APP_BACK_CHANNELS", {"public": "nowhere"}),
    ("APP_BACK_CHANNELS", {1: "http://app.example"}),
    ("APP_BACK_CHANNELS", ["http://app.example"]),
    ("MANAGE", "make manage"),
    ("MANAGE", None),
    ("LAB_MODE", "False"),
    ("LAB_MODE", None),
    ("LAB_MODE", 1),
    ("DEFENCES_OFF", "freshness"),
    ("DEFENCES_OFF", None),
    ("DEFENCES_OFF", {"freshness": True}),
    ("BASEURL", "https://app.example"),
    ("base_url", "https://app.example"),
    (1, 1),  # type: ignore[list-item]  # a project can write anything
]


def test_every_setting_is_read_here() -> None:
    assert list(READ) == [setting.name for setting in conf.TABLE]


@pytest.mark.parametrize("name", READ)
def test_what_the_project_says_counts(settings: Settings, name: str) -> None:
    value, read = READ[name]
    settings.SSO_KIT = {name: value}

    assert read() == value
    assert not list(conf.problems())


@pytest.mark.parametrize("name", READ)
def test_what_it_does_not_say_is_the_default(settings: Settings, name: str) -> None:
    (_, read), default = READ[name], conf.KNOWN[name].default
    del settings.SSO_KIT
    without_any = read()
    settings.SSO_KIT = {}

    assert without_any == read() == {"BASE_URL": None}.get(name, default)
    assert conf.KNOWN[name].kind.fits(default)


@pytest.mark.parametrize(("name", "value"), WRONG, ids=str)
def test_a_mistake_is_named_with_its_remedy_whatever_is_read(
    settings: Settings, name: str, value: object
) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["freshness"], name: value}

    ((sentence, remedy),) = conf.problems()
    assert repr(name) in sentence
    assert remedy
    for _, read in READ.values():
        with pytest.raises(ImproperlyConfigured, match=re.escape(sentence)):
            read()


@pytest.mark.parametrize("value", [None, [], "LAB_MODE", [("LAB_MODE", True)]])
def test_what_is_no_dictionary_is_refused(settings: Settings, value: object) -> None:
    settings.SSO_KIT = value

    with pytest.raises(ImproperlyConfigured, match="SSO_KIT is no dictionary"):
        conf.lab_mode()


def test_a_wrong_dictionary_switches_no_defence_off(settings: Settings) -> None:
    settings.SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["freshness"], "Typo": 1}

    with pytest.raises(ImproperlyConfigured):
        defences.on(Defence.FRESHNESS)


def test_the_settings_of_the_first_version_are_not_read(settings: Settings) -> None:
    settings.SSO_KIT_LAB_MODE, settings.SSO_KIT_DEFENCES_OFF = True, ["freshness"]
    settings.SSO_KIT_MANAGE = "make {arguments}"

    assert defences.on(Defence.FRESHNESS)
    assert commands.to_run("check") == "python manage.py check"
    assert set(conf.of_old()) == {"SSO_KIT_LAB_MODE", "SSO_KIT_DEFENCES_OFF", "SSO_KIT_MANAGE"}


def test_a_client_has_the_address_that_it_is_given_before_the_projects(settings: Settings) -> None:
    settings.SSO_KIT = {"BASE_URL": "https://app.example"}

    def made(**options: Any) -> Client:
        return Client(SERVER_URL, PUBLIC_KEY, PRIVATE_KEY, **options)

    assert made().base_url == "https://app.example"
    assert made(base_url="https://other.example").base_url == "https://other.example"


def test_a_budget_that_is_given_counts_before_the_projects(settings: Settings) -> None:
    settings.SSO_KIT = {"READ_SECONDS": 7}

    client = Client(SERVER_URL, PUBLIC_KEY, PRIVATE_KEY, budget=Budget(connect=3))

    assert (client.back_channel.budget.connect, client.back_channel.budget.read) == (3, 7)


def test_the_page_has_a_line_for_each_and_for_no_other() -> None:
    page = (ROOT / "docs" / "sso-kit.md").read_text()
    table = page.partition("| in `SSO_KIT` | what | default |\n|---|---|---|\n")[2]

    rows = table.partition("\n\n")[0].splitlines()

    assert rows == [
        f"| `{each.name}` | {each.what} | `{as_written(each.default)}` |" for each in conf.TABLE
    ]


def as_written(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)
