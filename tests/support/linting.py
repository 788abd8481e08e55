"""The verb ``lint``: style and types."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lab import environment, secrets, table
from lab.console import say
from lab.place import Place
from lab.table import ROOT, Site

# The twin's are read from the environment: both roles in one, so that all of it is looked at.
TWIN = {"ROLE": "both", "FLAVOUR": "kit", "BASE_URL": "http://twin.localhost", "DATA_DIR": "/"}
KIT = ("--exclude=tests/kit/custom_user", "sso_kit", "tests/kit", "tests/soak")
CUSTOM_USER = ("--follow-imports=silent", "tests/kit/custom_user")
STYLE = (("ruff", "check", "."), ("ruff", "format", "--check", "."))


@dataclass(frozen=True)
class Group:
    """What mypy looks at in one go: its Django plugin loads one project's settings a process."""

    name: str
    settings: str
    paths: tuple[str, ...]
    variables: Mapping[str, str]

    @property
    def command(self) -> list[str]:
        return ["mypy", f"--cache-dir=.mypy_cache/{self.name}", *self.paths]

    @property
    def environment(self) -> dict[str, str]:
        return {"DJANGO_SETTINGS_MODULE": self.settings, **self.variables}


def run() -> int:
    """Every check runs, so that one run shows everything there is to mend."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as lanes:
        checks = [(" ".join(check), lanes.submit(_module, check)) for check in STYLE]
        checks += [
            (f"mypy of {group.name}", lanes.submit(_module, group.command, group.environment))
            for group in groups(Path(folder))
        ]
        failed = [name for name, check in checks if _show(name, check.result())]
    say(f"To mend: {', '.join(failed)} (see above)" if failed else "All clean.")
    return int(bool(failed))


def groups(folder: Path) -> Iterator[Group]:
    """``folder``: for the secrets that the sites' settings insist on."""
    where = Place(folder, table.load().port)
    where.make_folders()
    secrets.ensure(where.state)
    yield from (_of_site(site, where) for site in table.load().sites if site.kind.is_django)
    yield Group("kit", "tests.kit.settings", KIT, {})
    yield Group("user", "tests.kit.settings_custom_user", CUSTOM_USER, {})
    yield Group("twin", "tests.twin.settings", tuple(_around_the_twin()), TWIN)


def _of_site(site: Site, where: Place) -> Group:
    """Each site and its tests with its own settings, and the half of the kit it uses, if any."""
    half = "sso_kit/server" if site.is_server else "sso_kit/client"
    halves = () if site.kind.hears else (half,)
    paths = ("lab", "site_common", *halves, site.package, f"tests/sites/{site.package}")
    there = tuple(path for path in paths if (ROOT / path).exists())
    variables = environment.of_site(site, environment.local(where))
    return Group(site.package, f"{site.package}.settings", there, variables)


def _around_the_twin() -> Iterator[str]:
    """Benchmark and tests that have no Django of their own, or the twin's."""
    tests = ROOT / "tests"
    yield from ("bench", "e2e")
    for path in [*sorted(tests.iterdir()), *sorted(tests.glob("soak/test_*.py"))]:
        if path.name not in ("kit", "sites", "soak", "__pycache__"):
            yield str(path.relative_to(ROOT))


def _module(
    command: Sequence[str], variables: Mapping[str, str] = MappingProxyType({})
) -> subprocess.CompletedProcess[str]:
    """Several at a time: what each one says is kept until it has ended."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _show(name: str, done: subprocess.CompletedProcess[str]) -> bool:
    """Whether there is something to mend."""
    last = done.stdout.strip() if done.returncode else done.stdout.strip().splitlines()[-1]
    say(f"{name}: {last}")
    return bool(done.returncode)
