from __future__ import annotations

import re
import stat
import subprocess

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

    mode = (place.state / secrets.FILE).stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_no_two_are_alike(place: Place) -> None:
    values = secrets.ensure(place.state).values()

    assert len(set(values)) == len(secrets.names())


def test_each_has_more_than_256_bits_and_fits_the_consumers_column(place: Place) -> None:
    for value in secrets.ensure(place.state).values():
        assert re.fullmatch("[A-Za-z0-9]{64}", value)


def test_a_file_that_lacks_one_is_explained(place: Place) -> None:
    secrets.ensure(place.state)
    path = place.state / secrets.FILE
    path.write_text(path.read_text().replace("CLIENT_B_PRIVATE_KEY", "SOMETHING_ELSE"))

    with pytest.raises(LabError, match="lacks CLIENT_B_PRIVATE_KEY"):
        secrets.ensure(place.state)


def test_nothing_half_written_is_left(place: Place) -> None:
    secrets.ensure(place.state)

    assert [path.name for path in place.state.iterdir() if path.is_file()] == [secrets.FILE]


def test_a_site_gets_no_other_sites_secrets(place: Place) -> None:
    keys = secrets.ensure(place.state)
    layout = environment.local(place)

    notes = environment.of_site(table.load().site("client-a"), layout, keys)

    theirs = {keys["SERVER_SECRET_KEY"], keys["CLIENT_B_SECRET_KEY"], keys["CLIENT_B_PRIVATE_KEY"]}
    assert not theirs & set(notes.values())


def test_git_and_docker_ignore_them() -> None:
    path = f".lab/{secrets.FILE}"

    ignored = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0

    assert ignored or not (ROOT / ".git").exists()
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] != "#"]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith("!.")]
