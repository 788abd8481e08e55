"""The verbs that check the lab: test, e2e, lint."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab import instance, system, table
from lab.console import say

RESULTS = table.ROOT / "test-results"
BROWSERS = ("chromium", "firefox", "webkit")


def everything() -> int:
    """All tests in one run; the browser's start a lab of their own, on free ports."""
    system.ensure_nginx()
    system.ensure_chromium()
    shutil.rmtree(RESULTS, ignore_errors=True)
    environment = {name: value for name, value in os.environ.items() if name not in ("LAB", "MAKEFLAGS")}
    return _pytest("test", _present("tests", "e2e"), environment)


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
    packages = _present("lab", "sso_kit", *(site.package for site in table.load().sites))
    checks = (["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy", *packages])
    results = [_module(check) for check in checks]
    say("lint: all clean" if not any(results) else "lint: see above; `ruff format .` mends formatting")
    return int(any(results))


def _pytest(name: str, arguments: list[str], environment: dict[str, str]) -> int:
    """Results go to ``test-results/``; the services' logs stay there only after a failure."""
    folder = RESULTS / name
    folder.mkdir(parents=True, exist_ok=True)
    logs = folder / "logs"
    options = [f"--junitxml={RESULTS}/junit-{name}.xml", f"--output={folder / 'browser'}"]
    options += ["--screenshot=only-on-failure", "--tracing=retain-on-failure"]
    command = [sys.executable, "-m", "pytest", *arguments, *options]
    environment |= {instance.SAVED_LOGS: str(logs)}
    code = subprocess.run(command, cwd=table.ROOT, env=environment).returncode
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


def _module(command: list[str]) -> int:
    return subprocess.run([sys.executable, "-m", *command], cwd=table.ROOT).returncode
