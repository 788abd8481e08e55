from __future__ import annotations

from pathlib import Path

import pytest

from lab.place import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A lab's folder and ports; nothing is started in it."""
    where = Place(tmp_path / "state", 28_080)
    where.make_folders()
    return where
