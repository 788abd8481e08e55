from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.machine import system
from lab.place import Place
from tests.support import instance
from tests.support.instance import Instance


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A lab's folder and ports; nothing is started in it."""
    where = Place(tmp_path / "state", 28_080)
    where.make_folders()
    return where


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """Whether Compose can be used is found out on this test's machine, and for it alone."""
    system.compose_lacks.cache_clear()
    yield
    system.compose_lacks.cache_clear()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    """A running lab that tests leave as they find it."""
    if system.nginx_program() is None:
        pytest.skip("nginx isn't installed")
    with instance.running(tmp_path_factory.mktemp("lab")) as running:
        yield running
