from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from lab.table import ROOT
from tests.package.pip import run

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
