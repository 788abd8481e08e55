"""A project that changes one of its two lines only is told of the other."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROJECT = """
from django.conf import settings
settings.configure(
    INSTALLED_APPS=[
        "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.admin",
        "simple_sso.sso_server", {app}
    ],
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
)
import django
django.setup()
from sso_kit.{side} import {name}
print({name}.__module__)
"""


def start(side: str, name: str, app: str) -> subprocess.CompletedProcess[str]:
    code = PROJECT.format(side=side, name=name, app=app)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("side", "name"), [("client", "Client"), ("server", "Server")])
def test_an_import_without_the_app_names_the_line_to_write(side: str, name: str) -> None:
    told, control = start(side, name, ""), start(side, name, f"'sso_kit.{side}'")

    assert f"ImproperlyConfigured: Add 'sso_kit.{side}' to INSTALLED_APPS" in told.stderr
    assert control.stdout == f"sso_kit.{side}.{side}\n", control.stderr
