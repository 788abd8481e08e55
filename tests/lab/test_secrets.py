from __future__ import annotations

import re
import stat
import subprocess
from pathlib import Path

import pytest

from lab import environment, secrets, table
from lab.errors import LabError
from lab.place import Place
from lab.table import ROOT


def test_secrets_are_generated_once(place: Place) -> None:
    first = secrets.ensure(place.state)

    assert secrets.ensure(place.state) == first


def test_only_the_owner_can_read_them(place: Place) -> None:
    secrets.ensure(place.state)

    mode = secrets.folder(place.state).stat().st_mode

    assert stat.S_IMODE(mode) == 0o700


def test_no_two_are_alike(place: Place) -> None:
    values = secrets.ensure(place.state).values()

    assert len(set(values)) == len(secrets.names())


def test_each_has_more_than_256_bits_and_fits_the_consumers_column(place: Place) -> None:
    for value in secrets.ensure(place.state).values():
        assert re.fullmatch("[A-Za-z0-9]{64}", value)


def test_one_that_is_gone_is_named_and_not_made_anew(place: Place) -> None:
    secrets.ensure(place.state)
    (secrets.folder(place.state) / "CLIENT_B_PRIVATE_KEY").unlink()

    with pytest.raises(LabError, match="lacks CLIENT_B_PRIVATE_KEY"):
        secrets.ensure(place.state)


def test_nothing_half_written_is_left(place: Place) -> None:
    secrets.ensure(place.state)

    there = {path.name for path in place.state.iterdir()}
    assert there == {"data", "log", "run", secrets.FOLDER}
    assert {path.name for path in secrets.folder(place.state).iterdir()} == set(secrets.names())


def test_those_of_a_lab_from_before_the_folder_are_kept(place: Place) -> None:
    """Its databases hold the consumers' keys."""
    before = {name: f"{name}-as-it-was" for name in secrets.names()}
    lines = [f"{name}={value}\n" for name, value in before.items()]
    (place.state / "secrets.env").write_text("# Secrets of this lab\n" + "".join(lines))

    assert secrets.ensure(place.state) == before
    assert not (place.state / "secrets.env").exists()


def test_a_site_is_told_of_its_own_secrets_and_holds_none_in_its_environment(place: Place) -> None:
    keys = secrets.ensure(place.state)
    layout = environment.local(place)

    notes = environment.of_site(table.load().site("client-a"), layout)

    assert not set(keys.values()) & set(notes.values())
    named = {Path(value).name for name, value in notes.items() if name.endswith("_FILE")}
    assert named == {"CLIENT_A_SECRET_KEY", "CLIENT_A_PUBLIC_KEY", "CLIENT_A_PRIVATE_KEY"}


def test_git_and_docker_ignore_them() -> None:
    path = f".lab/{secrets.FOLDER}/SERVER_SECRET_KEY"

    ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0

    assert ignored or not (ROOT / ".git").exists()
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] != "#"]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith("!.")]
