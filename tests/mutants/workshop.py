"""A copy of the project in which one mutant at a time is put in, tested and taken out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lab.table import ROOT
from tests.mutants import witness
from tests.mutants.catalogue import TESTS, Mutant

NEEDED = ("sso_kit", "tests/__init__.py", "tests/kit", "tests/mutants", "lab", "lab.toml", "docs")
NEEDED_FILES = ("pyproject.toml", "README.md")
SECONDS = 120  # for one run of tests; the whole kit takes a quarter of it
PASSED, FAILED = 0, 1  # pytest's exit codes; the others say that it could not even run
CUSTOM_USER = "custom_user"
EVERYTHING = ("",)
# Of a second and a half for one test, these cost more than half.
NOT_FOR_ONE_TEST = ("-p", "no:hypothesispytest", "--no-migrations")


class Verdict(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"
    BROKEN = "broken"  # the code doesn't run, so nothing is said about the sentence
    ENDLESS = "endless"


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant, by which test, in how many seconds."""

    mutant: Mutant
    verdict: Verdict
    by: str
    seconds: float


class Workshop:
    """One copy, for one worker. Nothing is written to the project itself."""

    def __init__(self, folder: Path, root: Path = ROOT) -> None:
        self.folder = folder
        for name in (*NEEDED, *NEEDED_FILES):
            _copy(root / name, folder / name)

    def judge(self, mutant: Mutant) -> Outcome:
        """Run the mutant's own tests, and all of the kit's before calling it a survivor."""
        began = time.monotonic()
        path = self.folder / mutant.path
        source = path.read_text()
        path.write_text(mutant.applied_to(source))
        try:
            verdict, by = self.run(mutant.tests)
            if verdict is Verdict.SURVIVED:
                verdict, by = self.run(EVERYTHING)
                by += ", none of its own" if by else ""
        finally:
            path.write_text(source)
        return Outcome(mutant, verdict, by, time.monotonic() - began)

    def run(self, tests: Sequence[str]) -> tuple[Verdict, str]:
        """What a run of tests says, and the test that failed first.

        Parameters:
            tests: pytest's arguments, under ``tests/kit/``; or ``EVERYTHING``.
        """
        custom = [test for test in tests if test.startswith(CUSTOM_USER)]
        others = [test for test in tests if test not in custom]
        verdict, by = Verdict.SURVIVED, ""
        for group, settings in ((others, "settings"), (custom, "settings_custom_user")):
            if group and verdict is Verdict.SURVIVED:
                verdict, by = self._pytest(group, f"tests.kit.{settings}")
        return verdict, by

    def _pytest(self, tests: Sequence[str], settings: str) -> tuple[Verdict, str]:
        seen = self.folder / "seen"
        seen.unlink(missing_ok=True)
        variables = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": settings,
            "PYTHONDONTWRITEBYTECODE": "1",  # else a change within a second goes unseen
            witness.FILE: str(seen),
        }
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", witness.__name__]
        command += ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:playwright"]
        command += ["-o", "addopts=--strict-markers"]
        command += [] if tuple(tests) == EVERYTHING else NOT_FOR_ONE_TEST
        command += [str(TESTS / test) for test in tests]
        try:
            done = subprocess.run(
                command, cwd=self.folder, env=variables, capture_output=True, text=True,
                timeout=SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return Verdict.ENDLESS, f"no end after {SECONDS} s"
        if done.returncode == PASSED:
            return Verdict.SURVIVED, ""
        kind, _, by = (seen.read_text() if seen.exists() else "").partition(" ")
        if done.returncode == FAILED and kind == "failed":
            return Verdict.KILLED, by
        return Verdict.BROKEN, by or (done.stdout + done.stderr).strip()[-400:]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    elif source.exists():
        shutil.copy(source, target)
