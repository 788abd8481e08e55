"""The tour leads to what is there."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from lab import table
from lab.table import ROOT

TOUR = (ROOT / "docs/tour.md").read_text()
NAMED = sorted(set(re.findall(r"`([\w./-]+\.(?:py|toml|yml|md)|[\w./-]+/)(?:: ([\w.]+))?`", TOUR)))


def test_it_names_enough_to_be_a_tour() -> None:
    assert len(NAMED) > 50
    assert sum(1 for _, name in NAMED if name) > 15


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_what_it_names_exists(path: str, name: str) -> None:
    assert (ROOT / path).exists()
    if name:
        assert name in names_in(ROOT / path)


def test_the_suites_that_it_lists_exist() -> None:
    (row,) = re.findall(r"^\| `tests/` \|(.*)\|$", TOUR, re.MULTILINE)
    listed = [name.partition("/")[0] for name in re.findall(r"`([\w/<>]+)`", row)]

    assert listed
    assert [name for name in listed if not (ROOT / "tests" / name).is_dir()] == []


def test_every_folder_at_the_top_is_in_it_or_a_row_of_the_table() -> None:
    tracked = subprocess.check_output(["git", "ls-files"], cwd=ROOT, text=True).splitlines()
    folders = {path.partition("/")[0] for path in tracked if "/" in path}

    rooms = set(re.findall(r"^\| `([\w.]+)/` \|", TOUR, re.MULTILINE))

    assert rooms <= folders
    assert folders - rooms <= {site.package for site in table.load().sites}
    assert "`lab.toml` is the one table" in TOUR
    assert "Each row of its sites is a room" in TOUR


def names_in(path: Path) -> set[str]:
    """Functions and classes of a module, methods as ``Class.method``."""
    found = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            found |= {f"{node.name}.{method.name}" for method in methods}
    return found
