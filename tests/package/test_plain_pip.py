"""What plain pip makes of the wheel: no override, no constraint, nothing left out."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from lab.table import ROOT
from tests.package.pip import environment, run

BESIDE = ROOT / "docs" / "adoption.md"
ROWS = re.findall(r"^\| `(\S+)` \| ([\w.-]+) (\d+)\.", BESIDE.read_text(), re.MULTILINE)
VERSION = "from importlib.metadata import version; print(version('itsdangerous'))"


def resolved(*wanted: str) -> dict[str, str]:
    """Versions by name in small letters, as pip would install them into an empty environment."""
    said = run(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed"),
        *("--report", "-", *wanted),
    )
    found = [item["metadata"] for item in json.loads(said)["install"]]
    return {item["name"].lower(): item["version"] for item in found}


@pytest.mark.parametrize("suffix", [".whl", ".gz"])
def test_a_fresh_environment_takes_it_and_nothing_is_broken(
    suffix: str, files: list[Path], tmp_path: Path
) -> None:
    (file,) = (path for path in files if path.suffix == suffix)
    python = environment(tmp_path / "fresh", str(file))

    run(python, "-m", "pip", "check")
    version = run(python, "-P", "-c", VERSION)
    where = run(python, "-P", "-W", "error", "-c", "import sso_kit.keys; print(sso_kit.__file__)")

    assert version.startswith("0.24")
    assert where.startswith(str(tmp_path))


@pytest.mark.parametrize(("wanted", "name", "major"), ROWS)
def test_what_is_written_of_its_neighbours_is_what_pip_chooses(
    wanted: str, name: str, major: str, files: list[Path]
) -> None:
    (wheel,) = (str(path) for path in files if path.suffix == ".whl")

    chosen = resolved(wheel, wanted)

    assert chosen[name.lower()].split(".")[0] == major
    assert chosen["itsdangerous"] == "0.24"


def test_each_neighbour_is_written_about() -> None:
    assert [wanted for wanted, _, _ in ROWS] == ["flask", "starlette", "starlette[full]"]
