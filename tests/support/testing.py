"""The verbs ``test`` and ``e2e``: run pytest, keep the results, end with one summary."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path

from lab import table
from lab.console import bold, say
from lab.errors import LabError
from lab.machine import system
from tests.support import instance
from tests.support.junit import Tally, read

RESULTS = table.ROOT / "test-results"
BROWSER_TESTS = table.ROOT / "e2e"
LONG_RUNS = table.ROOT / "tests" / "soak"
SIDE_BY_SIDE = 3  # runs at a time; much of each is waiting
BROWSERS = ("chromium", "firefox", "webkit")


def everything() -> int:
    """All tests. A lab that is up is left alone: the browser's tests start their own."""
    os.environ.pop("LAB", None)
    system.ensure_nginx()
    system.ensure_chromium()
    return _run([*suites(), BROWSER_TESTS], [])


def without_browser() -> int:
    """All but the browser's; with the Python and the packages that run this."""
    system.ensure_nginx()
    return _run(suites(), [])


def browser_only() -> int:
    """The browser tests, on a lab of their own or, with LAB=up, on the one that is up."""
    if os.environ.get("LAB") == "up":
        lab = instance.attached()
        say(f"Testing the lab that is up ({lab.runtime}) on port {lab.port}.")
    else:
        system.ensure_nginx()
    if _browser() == "chromium":
        system.ensure_chromium()
    headed = ["--headed"] if os.environ.get("HEADED") == "1" else []
    return _run([BROWSER_TESTS], ["--browser", _browser(), *headed])


def long_runs() -> int:
    """What takes minutes: many log-ins at once, many malformed requests. They tell how far."""
    return _run([LONG_RUNS], ["-s", "-p", "no:randomly"])


def suites() -> list[Path]:
    """Django is one project a process, so each folder of tests is a run of its own."""
    tests = table.ROOT / "tests"
    sites = {path.parent for path in tests.glob("sites/*/test_*.py")}
    others = {tests / path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")}
    return sorted(sites | others - {tests / "sites", LONG_RUNS})


def projects() -> list[Path]:
    """Those of the suites that choose a Django project for their process."""
    return [suite for suite in suites() if suite.name == "kit" or suite.parent.name == "sites"]


def _run(suites: Sequence[Path], options: Sequence[str]) -> int:
    started = time.monotonic()
    RESULTS.mkdir(exist_ok=True)
    there = sorted((suite for suite in suites if suite.exists()), key=_how_long, reverse=True)
    if not there:
        raise LabError("There are no tests.", "is this a complete checkout?")
    if len(there) == 1:
        codes = {there[0]: _pytest(there[0], options, None)}
    else:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as lanes:
            codes = dict(
                zip(there, lanes.map(lambda suite: _beside(suite, options), there), strict=True)
            )
    _summarise(codes, time.monotonic() - started)
    return int(any(codes.values()))


def _beside(suite: Path, options: Sequence[str]) -> int:
    """One of several runs at a time: its output comes when it has ended, all of it if it failed."""
    name = suite.relative_to(table.ROOT)
    say(f"  {name} ...")
    log = RESULTS / f"{suite.name}.log"
    code = _pytest(suite, options, log)
    text = log.read_text(errors="replace")
    say(f"\n{text}" if code else f"  {name}: {text.strip().splitlines()[-1].strip('= ')}")
    return code


def _how_long(suite: Path) -> int:
    """The longest first, so that no lane is left with it at the end."""
    longest = (
        "server_site", "store", "adoption", "kit", "package", "interop", "attacks", "lab", "e2e",
    )  # fmt: skip
    return longest.index(suite.name) + 1 if suite.name in longest else 0


def _pytest(suite: Path, options: Sequence[str], log: Path | None) -> int:
    """Screenshots, traces and the services' logs stay only after a failure."""
    folder = _folder(suite)
    _forget(suite)
    keep = [f"--junitxml={_junit(suite)}", f"--output={folder / 'browser'}"]
    keep += ["--screenshot=only-on-failure"]
    command = [sys.executable, "-m", "pytest", str(suite), *keep, *options]
    variables = os.environ | {instance.SAVED_LOGS: str(folder / "logs")}
    with log.open("w") if log else nullcontext() as output:
        code = subprocess.run(
            command,
            cwd=table.ROOT,
            env=variables,
            stdout=output,
            stderr=subprocess.STDOUT if log else None,
        ).returncode
    if code == 0:
        shutil.rmtree(folder, ignore_errors=True)
    return code


def _forget(suite: Path) -> None:
    """What an earlier run left; other suites may be running in another terminal."""
    shutil.rmtree(_folder(suite), ignore_errors=True)
    _junit(suite).unlink(missing_ok=True)


def _summarise(codes: dict[Path, int], seconds: float) -> None:
    total = sum((read(_junit(suite)) for suite in codes), start=Tally())
    failed = [suite for suite, code in codes.items() if code]
    say(f"\n{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    say(bold(f"{total} in {seconds:.0f} s. JUnit XML: {RESULTS.relative_to(table.ROOT)}/"))
    for suite in failed:
        say(f"  {suite.relative_to(table.ROOT)} failed; what it left: {_shown(_folder(suite))}")


def _folder(suite: Path) -> Path:
    return RESULTS / suite.name


def _junit(suite: Path) -> Path:
    return RESULTS / f"junit-{suite.name}.xml"


def _shown(folder: Path) -> str:
    there = folder.exists()
    return f"{folder.relative_to(table.ROOT)}/" if there else "only the messages above"


def _browser() -> str:
    """BROWSER, which desktops also set to a program of theirs: only our names count."""
    wanted = os.environ.get("BROWSER", "")
    return wanted if wanted in BROWSERS else BROWSERS[0]
