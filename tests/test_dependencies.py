"""What is installed, what is locked, and why each of it is there.

The library pins itsdangerous below 1.0; both ends of this lab use 2.2. Its own tests, run
with that, are the proof that stock's classes work on it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from lab.table import ROOT

REQUIREMENTS = ROOT / "requirements"
LOCKS = sorted(path for path in REQUIREMENTS.glob("*.txt") if not path.name.startswith("overrides"))
WANTED = sorted(REQUIREMENTS.glob("*.in"))

# Our own folder of tests has the same name as the library's; theirs is in site-packages.
ITS_OWN_TESTS = """
import sys
sys.path[:] = [place for place in sys.path if place]
import django, itsdangerous, tests.settings
print(itsdangerous.__file__, tests.settings.__file__)
sys.exit(tests.settings.runtests())
"""


def requirements_in(file: Path) -> list[Requirement]:
    lines = (line.partition("#")[0].strip() for line in file.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-")]


def test_the_librarys_own_tests_pass_on_the_itsdangerous_that_we_use(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ITS_OWN_TESTS],
        cwd=tmp_path,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert re.search(r"Ran [1-9]\d* tests", done.stderr)
    assert done.stdout.count("site-packages") == 2
    assert version("itsdangerous").startswith("2.")


def test_the_library_itself_is_stock() -> None:
    assert version("django-simple-sso") == "1.3.0"


@pytest.mark.parametrize("requirement", requirements_in(REQUIREMENTS / "overrides.txt"), ids=str)
def test_what_is_installed_satisfies_our_overrides(requirement: Requirement) -> None:
    assert version(requirement.name) in requirement.specifier


@pytest.mark.parametrize("requirement", requirements_in(REQUIREMENTS / "site.in"), ids=str)
def test_what_is_installed_is_what_the_sites_ask_for(requirement: Requirement) -> None:
    if requirement.name == "Django":
        assert version("Django") >= "5.2"  # the sites are also tested on the next one
    else:
        assert version(requirement.name) in requirement.specifier


@pytest.mark.parametrize("wanted", WANTED, ids=lambda path: path.name)
def test_every_direct_dependency_is_explained(wanted: Path) -> None:
    explained = (ROOT / "docs" / "dependencies.md").read_text().lower()

    missing = [each.name for each in requirements_in(wanted) if each.name.lower() not in explained]

    assert not missing


@pytest.mark.parametrize("wanted", WANTED, ids=lambda path: path.name)
def test_every_direct_dependency_is_locked(wanted: Path) -> None:
    locked = wanted.with_suffix(".txt").read_text().lower()

    for requirement in requirements_in(wanted):
        assert re.search(rf"^{re.escape(requirement.name.lower())}==", locked, re.MULTILINE), (
            requirement
        )


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_names_versions_and_hashes_and_no_place(lock: Path) -> None:
    text = lock.read_text()
    pinned = re.findall(r"^[a-z0-9][\w.-]*(?:\[\w+\])?==\S+", text, re.MULTILINE | re.IGNORECASE)

    assert "://" not in text
    assert "index-url" not in text
    assert "find-links" not in text
    assert len(pinned) == len(
        re.findall(r"^\S", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE), re.MULTILINE)
    )
    assert text.count("--hash=sha256:") >= len(pinned) > 0
