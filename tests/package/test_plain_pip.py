"""What plain pip makes of the wheel: no override, no constraint, nothing left out."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab.table import ROOT

BESIDE = ROOT / "docs" / "parts-beside.md"
ROWS = re.findall(r"^\| `(\S+)` \| ([\w.-]+) (\d+)\.", BESIDE.read_text(), re.MULTILINE)
VERSION = "from importlib.metadata import version; print(version('itsdangerous'))"
BUILT = ("pyproject.toml", "LICENSE", "MANIFEST.in", "CHANGELOG.md", "SECURITY.md")


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Wheel and source, built from a copy."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    shutil.copytree(ROOT / "sso_kit", source / "sso_kit")
    for name in BUILT:
        shutil.copy(ROOT / name, source)
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), str(source))
    return sorted(built.iterdir(), key=lambda path: path.suffix)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done.stdout


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
    python = str(tmp_path / "fresh" / "bin" / "python")
    run(sys.executable, "-m", "venv", str(tmp_path / "fresh"))
    run(python, "-m", "pip", "install", "--quiet", str(file))

    run(python, "-m", "pip", "check")
    version = run(python, "-c", VERSION)
    where = run(python, "-W", "error", "-c", "import sso_kit.keys; print(sso_kit.__file__)")

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
