"""A site's management command: what it is fed, in either runtime, and that a runtime is whole."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from lab.place import Place
from lab.runtimes.base import Runtime
from lab.runtimes.compose import Compose
from lab.runtimes.local import Local

READS = "import sys; print('read', sys.stdin.read())"


class Reading(Local):
    """Of any command: what there is to read."""

    def site_command(
        self, site: str, arguments: Sequence[str], typed: bool
    ) -> tuple[list[str], dict[str, str]]:
        assert not typed
        return [sys.executable, "-c", READS], dict(os.environ)


@pytest.fixture
def piped_in(tmp_path: Path) -> Iterator[str]:
    """What is piped into this process."""
    path = tmp_path / "piped"
    path.write_text('[{"model": "a.row"}]')
    before = os.dup(0)
    with path.open() as text:
        os.dup2(text.fileno(), 0)
    try:
        yield path.read_text()
    finally:
        os.dup2(before, 0)
        os.close(before)


def test_what_is_piped_in_reaches_the_command_that_is_shown(
    place: Place, piped_in: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert Reading(place).show_manage("server", ["loaddata", "-"]) == 0

    assert capfd.readouterr().out == f"read {piped_in}\n"


@pytest.mark.usefixtures("piped_in")
def test_one_of_the_labs_own_reads_nothing_of_it(place: Place) -> None:
    assert Reading(place).manage("server", ["loaddata", "-"]) == "read \n"


@pytest.mark.parametrize(("typed", "asked"), [(True, False), (False, True)])
def test_compose_gives_a_terminal_only_to_somebody_at_one(
    place: Place, typed: bool, asked: bool
) -> None:
    words, _ = Compose(place).site_command("server", ["loaddata", "-"], typed)

    assert ("-T" in words) is asked


def test_a_runtime_that_lacks_something_is_none() -> None:
    class Half(Runtime):
        def up(self) -> None:
            """All that it does."""

    with pytest.raises(TypeError, match=r"abstract methods.*\bdown\b"):
        Half()  # type: ignore[abstract] # what is tried
