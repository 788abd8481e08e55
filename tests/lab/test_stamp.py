"""How the local runtime tells that what a lab is made of has changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import table
from lab.place import Place
from lab.runtimes import local
from lab.runtimes.local import Local


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of a checkout that has hardly any."""
    path = tmp_path / "checkout" / "lab" / "deep" / "code.py"
    path.parent.mkdir(parents=True)
    path.write_text("one")
    monkeypatch.setattr(table, "ROOT", tmp_path / "checkout")
    return path


def stamp(place: Place) -> str:
    return Local(place)._stamp()


def test_a_change_a_new_file_and_another_port_are_seen(place: Place, code: Path) -> None:
    stamps = [stamp(place)]
    code.write_text("two, longer")
    stamps.append(stamp(place))
    code.with_name("new.py").touch()
    stamps.append(stamp(place))
    stamps.append(stamp(Place(place.state, place.port + 1)))

    assert len(set(stamps)) == 4


def test_what_python_and_editors_leave_is_none(place: Place, code: Path) -> None:
    before = stamp(place)
    (code.parent / "__pycache__").mkdir()
    (code.parent / "__pycache__" / "code.pyc").touch()
    code.with_name(".#code.py").symlink_to("nobody@nowhere:1")

    assert stamp(place) == before


def test_a_file_that_vanishes_while_they_are_read_is_left_out(
    place: Place, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swap = code.with_name(".code.py.swp")
    before, listed = stamp(place), local._source_files

    def with_one_that_vanished() -> Iterator[Path]:
        yield from listed()
        yield swap

    monkeypatch.setattr(local, "_source_files", with_one_that_vanished)

    assert not swap.exists()
    assert stamp(place) == before
