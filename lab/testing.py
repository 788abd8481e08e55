"""The verbs that check the lab: test, e2e, lint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from lab import environment, instance, place, secrets, system, table
from lab.console import say
from lab.table import Site

RESULTS = table.ROOT / "test-results"
BROWSERS = ("chromium", "firefox", "webkit")


def everything() -> int:
    """All tests in one run; the browser's start a lab of their own, on free ports."""
    system.ensure_nginx()
    system.ensure_chromium()
    shutil.rmtree(RESULTS, ignore_errors=True)
    without = {name: value for name, value in os.environ.items() if name != "LAB"}
    return _pytest("test", _present("tests", "e2e"), without)


def browser_only() -> int:
    """The browser tests, against a lab of their own or, with LAB=up, the one that is up."""
    if os.environ.get("LAB") == "up":
        lab = instance.attached()
        say(f"Testing the lab that is up ({lab.runtime}) on port {lab.port}.")
    else:
        system.ensure_nginx()
    if _browser() == "chromium":
        system.ensure_chromium()
    shutil.rmtree(RESULTS / "e2e", ignore_errors=True)
    return _pytest("e2e", [*_present("e2e"), "--browser", _browser(), *_headed()], dict(os.environ))


def lint() -> int:
    """Every check runs, so that one run shows everything there is to mend."""
    style = [["ruff", "check", "."], ["ruff", "format", "--check", "."]]
    failed = [" ".join(check) for check in style if _module(check)]
    failed += [f"mypy of {site.package}" for site in table.load().sites if _mypy(site)]
    say(f"To mend: {', '.join(failed)} (see above)" if failed else "All clean.")
    return int(bool(failed))


def _pytest(name: str, arguments: list[str], variables: dict[str, str]) -> int:
    """Results go to ``test-results/``; the services' logs stay there only after a failure."""
    folder = RESULTS / name
    folder.mkdir(parents=True, exist_ok=True)
    logs = folder / "logs"
    options = [f"--junitxml={RESULTS}/junit-{name}.xml", f"--output={folder / 'browser'}"]
    options += ["--screenshot=only-on-failure", "--tracing=retain-on-failure"]
    command = [sys.executable, "-m", "pytest", *arguments, *options]
    variables |= {instance.SAVED_LOGS: str(logs)}
    code = subprocess.run(command, cwd=table.ROOT, env=variables).returncode
    _conclude(code, folder, logs)
    return code


def _conclude(code: int, folder: Path, logs: Path) -> None:
    if code == 0:
        shutil.rmtree(folder)
    else:
        say(f"\nScreenshots, traces and the services' logs: {folder.relative_to(table.ROOT)}/")


def _present(*names: str) -> list[str]:
    return [name for name in names if (table.ROOT / name).exists()]


def _browser() -> str:
    """BROWSER, which desktops also set to a program of theirs: only our names count."""
    wanted = os.environ.get("BROWSER", "")
    return wanted if wanted in BROWSERS else BROWSERS[0]


def _headed() -> list[str]:
    return ["--headed"] if os.environ.get("HEADED") == "1" else []


def _mypy(site: Site) -> int:
    """Each site with its own settings, and what the server's and the clients' halves share.

    mypy's Django plugin loads the settings, and they insist on their environment.
    """
    half = "sso_kit/server" if site.is_server else "sso_kit/client"
    layout = replace(environment.local(place.from_environment()), data=tempfile.gettempdir())
    dummies = dict.fromkeys(secrets.names(), "x" * secrets.LENGTH)
    variables = environment.of_site(site, layout, dummies)
    variables["DJANGO_SETTINGS_MODULE"] = f"{site.package}.settings"
    cache = f"--cache-dir=.mypy_cache/{site.package}"
    return _module(["mypy", cache, "lab", half, site.package], variables)


def _module(command: list[str], variables: Mapping[str, str] = MappingProxyType({})) -> int:
    whole = [sys.executable, "-m", *command]
    return subprocess.run(whole, cwd=table.ROOT, env={**os.environ, **variables}).returncode
