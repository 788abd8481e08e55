"""What CI runs of others' making is what was looked at: a tag can be moved, a commit can't."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from lab.table import ROOT

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
PINNED = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_with_its_version_beside_it(path: Path) -> None:
    used = re.findall(r"uses:.*", path.read_text())

    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_later_step_finds_the_checkouts_token(path: Path) -> None:
    jobs = yaml.safe_load(path.read_text())["jobs"].values()
    checkouts = [
        step
        for job in jobs
        for step in job["steps"]
        if step.get("uses", "").startswith("actions/checkout@")
    ]

    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_ci_runs_every_python_and_django_that_the_package_names() -> None:
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["classifiers"]
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
    matrix = ci["jobs"]["unit"]["strategy"]["matrix"]
    pythons = {*matrix["python"], *(pair["python"] for pair in matrix["include"])}
    djangos = {*matrix["django"], *(pair["django"] for pair in matrix["include"])}

    assert pythons == set(re.findall(r"Python :: (3\.\d+)$", "\n".join(named), re.MULTILINE))
    assert djangos == set(re.findall(r"Django :: (\d\.\d)$", "\n".join(named), re.MULTILINE))


def test_the_lab_runs_without_its_tests() -> None:
    """What `make up` reads is complete without tests/ and what they need."""
    lines = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in sorted((ROOT / "lab").rglob("*.py"))
        for line in path.read_text().splitlines()
        if re.match(r"\s*(from|import) (tests|e2e|bench)\b", line)
    ]

    assert lines == []
