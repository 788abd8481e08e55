"""A message that names a command names one that works where it is read."""

from __future__ import annotations

import shlex

import pytest
from pytest_django.fixtures import Settings

from sso_kit import commands

AWKWARD = ["Helpdesk", "two words", "it's", '"quoted"', "$HOME", "back`tick`", "--dash", "a;b", "ü"]
AWKWARD.append("{quoted}$(x)")  # a word of the setting itself


@pytest.mark.parametrize("name", AWKWARD)
def test_a_shell_reads_it_as_it_was_meant(name: str) -> None:
    said = commands.to_run("sso_consumer", name, "--origin", "https://app.example/")

    assert shlex.split(said) == [
        *("python", "manage.py", "sso_consumer"),
        *(name, "--origin", "https://app.example/"),
    ]


@pytest.mark.parametrize("name", AWKWARD)
def test_a_project_says_how_commands_are_run_there(settings: Settings, name: str) -> None:
    settings.SSO_KIT = {"MANAGE": "make manage SITE=server ARGS={quoted}"}

    *words, arguments = shlex.split(commands.to_run("sso_consumer", name))

    assert words == ["make", "manage", "SITE=server"]
    assert shlex.split(arguments.removeprefix("ARGS=")) == ["sso_consumer", name]


def test_nobody_is_known_where_the_system_knows_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: (_ for _ in ()).throw(KeyError("uid 10001")))

    assert commands.operator_name() == "command line"
