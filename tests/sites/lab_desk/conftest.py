from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.sites import environment
from tests.sites.browsers import at_the_site

environment.provide("lab_desk")

from django.conf import settings

from lab_desk.inspector import shelf as shelves
from lab_desk.inspector.shelf import Shelf
from site_common.inspection import spool

Write = Callable[..., None]


@pytest.fixture
def visitor() -> Client:
    """A browser at the desk, where nobody signs in."""
    return at_the_site()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where the sites write; empty, and nobody has read it."""
    where = Path(settings.INSPECTOR_FOLDER)
    where.mkdir(exist_ok=True)
    spool.forget(where)
    spool.prepare(where)
    shelves._shelves.clear()
    yield where
    spool.forget(where)
    shelves._shelves.clear()


@pytest.fixture
def write(folder: Path) -> Write:
    """Write records and hops as the sites and nginx do."""

    def to_file(*told: dict[str, Any]) -> None:
        for each in told:
            kind = spool.NGINX if "hop" in each else spool.SITES
            with spool.current(folder, kind).open("a") as file:
                file.write(json.dumps(each) + "\n")

    return to_file


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    return shelves.shelf()
