"""pytest without an argument says what to type instead; with one folder it just runs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab.table import ROOT


def collect(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("arguments", [(), (".",), ("tests",), ("tests/kit", "tests/sites")])
def test_two_django_projects_at_once_are_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    refused = collect(*arguments)

    assert refused.returncode == pytest.ExitCode.USAGE_ERROR
    assert refused.stdout == ""
    [line] = refused.stderr.strip().splitlines()
    assert "make test" in line
    assert "pytest tests/kit" in line


def test_one_of_them_is_collected() -> None:
    collected = collect("tests/kit/test_wire.py")

    assert collected.returncode == 0, collected.stderr
    assert "tests/kit/test_wire.py" in collected.stdout


@pytest.mark.parametrize(
    ("careless", "warning"),
    [
        ("import socket; socket.socket()", "ResourceWarning"),
        (
            "import threading; t = threading.Timer(0, int, 'x'); t.start(); t.join()",
            "ThreadException",
        ),
        ("import warnings; warnings.warn('old', DeprecationWarning)", "DeprecationWarning"),
    ],
)
def test_a_warning_fails_a_test(tmp_path: Path, careless: str, warning: str) -> None:
    test = tmp_path / "test_careless.py"
    test.write_text(f"def test_it():\n    {careless}\n")
    command = [sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"), str(test)]

    said = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path).stdout

    assert "1 failed" in said
    assert warning in said
