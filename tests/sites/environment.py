"""The environment of the sites under test, as `make up` provides it.

Django is one site a process, so each site's tests are a run of their own:
``pytest tests/sites/server_site``, and so on.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import django
import pytest

from lab import environment, secrets, table
from lab.place import Place

SETTINGS = "DJANGO_SETTINGS_MODULE"
# Nobody listens there: a test that forgets to answer for the server is told so at once.
NOWHERE = "http://127.0.0.1:1"


def provide(package: str) -> None:
    """Choose the site and set its environment. Call it from the site's conftest."""
    settings = f"{package}.settings"
    if os.environ.setdefault(SETTINGS, settings) != settings:
        raise pytest.UsageError(
            f"One site a run: {os.environ[SETTINGS]} is chosen, so leave {package}'s tests out."
        )
    os.environ.update(variables(package))
    django.setup()


def variables(package: str) -> dict[str, str]:
    """What the local runtime gives the site, but for its way to the server."""
    site = table.load().of_package(package)
    given = environment.of_site(site, environment.local(_place()))
    if "SSO_BACK_CHANNEL_URL" in given:
        given["SSO_BACK_CHANNEL_URL"] = NOWHERE
    return given | {"DEBUG": "0", "LOG_LEVEL": "INFO"}


@cache
def _place() -> Place:
    """One lab's folder for the run: the server knows the keys of the apps."""
    place = Place(Path(tempfile.mkdtemp(prefix="sites-tests-")), table.load().port)
    atexit.register(shutil.rmtree, place.state, ignore_errors=True)
    place.make_folders()
    secrets.ensure(place.state)
    return place
