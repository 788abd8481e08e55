"""``sso_kit`` is a package in its own right: built, complete, and usable without the lab."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from lab.table import ROOT

NEEDED = [
    "sso_kit/py.typed",
    "sso_kit/refused.html",
    "sso_kit/client/migrations/0001_initial.py",
    "sso_kit/client/management/commands/sso_accounts.py",
    "sso_kit/client/management/commands/sso_adopt.py",
    "sso_kit/client/migrations/0002_accounts_made_by_stock.py",
    "sso_kit/client/migrations/0003_adoption.py",
    "sso_kit/server/migrations/0001_initial.py",
    "sso_kit/server/migrations/0002_policies_for_consumers.py",
    "sso_kit/server/management/commands/sso_consumer.py",
    "sso_kit/server/management/commands/sso_purge.py",
]
USE = """
import sys
sys.path.insert(0, {place!r})
from django.conf import settings
settings.configure(
    SECRET_KEY="s" * 50,
    DATABASES={{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.admin",
                    "django.contrib.sessions", "django.contrib.messages", "simple_sso.sso_server",
                    "sso_kit.server", "sso_kit.client"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("sso_consumer", "app", "--create", "--origin", "https://app.example")
from django.test import RequestFactory
from sso_kit.client import Client
from sso_kit.pages import Page, refusal_page
from sso_kit.server import Server
Server(), Client("https://sso.example/", "public", "private")
import sso_kit
print(sso_kit.__file__)
"""
PAGE = """
page = refusal_page(RequestFactory().get("/"), Page("Title", "Reason", "Advice", 403))
print(page.content.decode())
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that no build folder appears in the project."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    shutil.copytree(
        ROOT / "sso_kit", source / "sso_kit", ignore=shutil.ignore_patterns("__pycache__")
    )
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, source)
    run("-m", "build", "--wheel", "--no-isolation", "--outdir", str(built), str(source), cwd=source)
    (found,) = built.glob("*.whl")
    return found


def run(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


def test_it_contains_types_migrations_commands_and_templates(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert set(NEEDED) <= names


def test_it_contains_the_package_and_nothing_else_of_the_lab(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"sso_kit"}


def test_it_works_straight_from_the_zip(wheel: Path, tmp_path: Path) -> None:
    said = run("-c", USE.format(place=str(wheel)), cwd=tmp_path)

    assert "hardened messages" in said
    assert ".whl/sso_kit/__init__.py" in said


def test_it_works_unpacked_and_explains_itself(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")

    said = run("-c", USE.format(place=str(tmp_path / "site")) + PAGE, cwd=tmp_path)

    assert "Reason" in said


def test_it_asks_for_what_it_imports(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (metadata,) = (name for name in archive.namelist() if name.endswith("METADATA"))
    text = archive.read(metadata).decode()

    for name in ("Django", "django-simple-sso", "itsdangerous", "urllib3"):
        assert f"Requires-Dist: {name}" in text
    assert "Requires-Python: >=3.11" in text
