"""What people read of the table is written from it; a file that was forgotten is found here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from lab import generate
from lab.errors import LabError
from lab.generate.regions import filled
from lab.table import ROOT

MARKED = "by hand\n# >>> sites: made\nold\nolder\n# <<< sites\nby hand, too"


@pytest.mark.parametrize("path", generate.FILES)
def test_a_file_follows_the_table(path: str) -> None:
    assert (ROOT / path).read_text() == generate.wanted(path), "run: make generate"


def test_what_is_between_the_marks_is_replaced_and_nothing_else() -> None:
    new = "a \\1 new\n${ONE}\n"

    text = filled(MARKED, {"sites": new}, "file")

    assert text == f"by hand\n# >>> sites: made\n{new}# <<< sites\nby hand, too"
    assert filled(text, {"sites": new}, "file") == text


@pytest.mark.parametrize(
    "parts", [{"people": ""}, {"sites": "", "people": ""}], ids=["none", "one of two"]
)
def test_a_mark_that_is_gone_is_named_with_a_way_back(parts: Mapping[str, str]) -> None:
    with pytest.raises(LabError, match="file has 0 parts called people") as caught:
        filled(MARKED, parts, "file")

    assert "git checkout file" in caught.value.fix


def test_make_up_refuses_a_file_that_does_not_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in generate.FILES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text((ROOT / path).read_text())
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    generate.demand_current()
    (tmp_path / "hosts.example").write_text(
        (ROOT / "hosts.example").read_text().replace("app-b", "app-x")
    )

    with pytest.raises(LabError, match=r"^hosts.example: this doesn't follow lab.toml") as caught:
        generate.demand_current()

    assert caught.value.fix == "make generate"


def test_it_needs_nothing_that_has_to_be_installed() -> None:
    """Whoever adds a row may not have run `make up` yet."""
    isolated = [sys.executable, "-I", "-S", "-c"]
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from lab import generate"

    subprocess.run([*isolated, program + "; generate.stale()"], check=True)
