"""What is published of ``sso_kit``: its own files, each once, and nothing of the lab's."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from lab.table import ROOT

BESIDE = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "SECURITY.md", "MANIFEST.in")
PAGE = "sso_kit/README.md"  # is metadata in a wheel
STAYING = "sso_kit/contrib/staying"
NOT_CODE = {
    "sso_kit/py.typed",
    "sso_kit/refused.html",
    f"{STAYING}/static/sso_kit/staying.css",
    f"{STAYING}/static/sso_kit/staying.js",
    f"{STAYING}/templates/sso_kit/staying.html",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Wheel and source, from a copy, so that no build folder appears in the project."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in [*BESIDE, *package()]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, source / name)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), str(source)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return built


def package() -> set[str]:
    """The files of the package that are in git, from the project's folder on."""
    listed = subprocess.run(
        ["git", "ls-files", "sso_kit"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(listed.stdout.split())


def wheel(built: Path) -> zipfile.ZipFile:
    (found,) = built.glob("*.whl")
    return zipfile.ZipFile(found)


def test_the_wheel_has_each_file_of_the_package_once_and_no_other(built: Path) -> None:
    names = [name for name in wheel(built).namelist() if ".dist-info/" not in name]

    assert sorted(names) == sorted(package() - {PAGE})


def test_beside_code_the_package_has_one_page_and_a_mark_of_its_types() -> None:
    assert {name for name in package() if not name.endswith(".py")} == NOT_CODE | {PAGE}


def test_the_wheel_describes_itself_by_the_packages_own_page_and_bears_the_license(
    built: Path,
) -> None:
    archive = wheel(built)
    (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
    text = archive.read(metadata).decode()

    assert text.endswith((ROOT / PAGE).read_text())
    assert "License-Expression: BSD-3-Clause" in text
    assert any(name.endswith("/licenses/LICENSE") for name in archive.namelist())


def test_the_source_has_the_package_and_what_builds_it_and_nothing_of_the_lab(
    built: Path,
) -> None:
    (found,) = built.glob("*.tar.gz")
    with tarfile.open(found) as archive:
        files = {item.name.split("/", 1)[1] for item in archive if item.isfile()}

    made = {"PKG-INFO", "setup.cfg"}
    ours = {name for name in files if not name.startswith("sso_kit.egg-info/")} - made
    assert ours == package() | set(BESIDE) - {"README.md"}
