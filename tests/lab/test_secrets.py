from __future__ import annotations

import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from lab import environment, secrets, table
from lab.errors import LabError
from lab.place import Place
from lab.table import ROOT


@pytest.fixture
def fewer_sites(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """While it lasts the table has no Helpdesk yet."""
    whole = table.load()
    others = tuple(site for site in whole.sites if site.name != "client-b")

    @contextmanager
    def before() -> Iterator[None]:
        with monkeypatch.context() as patch:
            patch.setattr(table, "load", lambda: replace(whole, sites=others))
            yield

    return before


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


def test_nor_are_all_of_a_site_that_was_there_before(place: Place) -> None:
    """Its data were made with them."""
    secrets.ensure(place.state)
    for name in secrets.of_site(table.load().site("client-b")):
        (secrets.folder(place.state) / name).unlink()

    for _ in range(2):
        with pytest.raises(LabError, match="lacks CLIENT_B_SECRET_KEY, CLIENT_B_PUBLIC_KEY"):
            secrets.ensure(place.state)


def test_a_row_that_is_added_later_gets_its_own_and_changes_nobody_elses(
    place: Place, fewer_sites: Callable[[], AbstractContextManager[None]]
) -> None:
    with fewer_sites():
        before = secrets.ensure(place.state)

    after = secrets.ensure(place.state)

    new = set(secrets.of_site(table.load().site("client-b")))
    assert after.keys() - before.keys() == new
    assert {name: after[name] for name in before} == before
    assert secrets.ensure(place.state) == after


def test_so_it_does_in_a_lab_from_before_it_was_noted_whose_they_are(
    place: Place, fewer_sites: Callable[[], AbstractContextManager[None]]
) -> None:
    with fewer_sites():
        before = secrets.ensure(place.state)
    (secrets.folder(place.state) / secrets.KNOWN).unlink()

    after = secrets.ensure(place.state)

    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 3


@pytest.mark.parametrize("gone", ["SERVER_SECRET_KEY", "CLIENT_A_SECRET_KEY"])
def test_such_a_lab_does_not_take_a_loss_for_a_new_site(place: Place, gone: str) -> None:
    secrets.ensure(place.state)
    for name in (secrets.KNOWN, gone):
        (secrets.folder(place.state) / name).unlink()

    with pytest.raises(LabError, match=f"lacks {gone}"):
        secrets.ensure(place.state)


def test_a_new_site_whose_secrets_were_written_by_half_is_still_new(
    place: Place, fewer_sites: Callable[[], AbstractContextManager[None]]
) -> None:
    with fewer_sites():
        secrets.ensure(place.state)
    half = secrets.folder(place.state) / "CLIENT_B_PUBLIC_KEY"
    half.write_text("as-far-as-it-came")

    assert secrets.ensure(place.state)["CLIENT_B_PUBLIC_KEY"] == "as-far-as-it-came"


def test_nothing_half_written_is_left(place: Place) -> None:
    secrets.ensure(place.state)

    there = {path.name for path in place.state.iterdir()}
    assert there == {"data", "log", "run", secrets.FOLDER}
    kept = {path.name for path in secrets.folder(place.state).iterdir()}
    assert kept == {*secrets.names(), secrets.KNOWN}


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
