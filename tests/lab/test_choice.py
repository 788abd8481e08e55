"""Which runtime `make up` takes: data must not seem lost because an engine came or went."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.machine import system
from lab.place import Place
from lab.runtimes.choice import Choice, choose_runtime
from lab.runtimes.local import Local


@pytest.fixture(autouse=True)
def nobody_insists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNTIME", raising=False)
    monkeypatch.setattr(Local, "is_up", lambda self: False)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "compose_lacks", lambda: None)


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "compose_lacks", lambda: "no Docker engine answers")


@pytest.mark.usefixtures("engine")
def test_on_the_first_day_an_engine_is_used(place: Place) -> None:
    assert choose_runtime(place).name == "compose"


@pytest.mark.usefixtures("no_engine")
def test_on_the_first_day_it_goes_without_one(place: Place) -> None:
    assert choose_runtime(place) == Choice("local", "no Docker engine answers")


@pytest.mark.usefixtures("engine")
def test_a_lab_that_is_up_stays_what_it_is_and_this_is_said(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.write_record("local")
    monkeypatch.setattr(Local, "is_up", lambda self: True)

    choice = choose_runtime(place)

    assert choice.name == "local"
    assert "as the lab is up; RUNTIME=compose" in choice.reason


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("last", "other"), [("local", "compose"), ("compose", "local")])
def test_a_lab_that_is_down_comes_back_where_its_data_is(
    place: Place, last: str, other: str
) -> None:
    place.note_runtime(last)

    choice = choose_runtime(place)

    assert choice.name == last
    assert f"the data is there; RUNTIME={other}" in choice.reason


@pytest.mark.usefixtures("engine")
def test_so_does_a_lab_that_was_never_noted(place: Place) -> None:
    (place.data / "server_site.sqlite3").touch()

    assert choose_runtime(place).name == "local"


def test_where_the_data_is_the_local_runtimes_no_engine_is_asked(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(system, "compose_lacks", lambda: pytest.fail("asked"))
    place.note_runtime("local")

    assert choose_runtime(place).name == "local"


@pytest.mark.usefixtures("asked_anew")
def test_an_engine_is_asked_once_a_command(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = tmp_path / "asked"
    docker = tmp_path / "docker"
    docker.write_text(f'#!/bin/sh\necho "$1" >> {asked}\necho 2.40.0\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")

    for _ in range(3):
        assert choose_runtime(place).name == "compose"

    assert asked.read_text().split() == ["info", "compose"]


@pytest.mark.usefixtures("no_engine")
def test_where_the_engine_with_the_data_is_gone_this_is_said(place: Place) -> None:
    place.note_runtime("compose")

    choice = choose_runtime(place)

    assert choice.name == "local"
    assert "the data of last time stays in Compose's volumes" in choice.reason


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("wanted", ["local", "compose"])
def test_runtime_forces_either(place: Place, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    place.note_runtime("local")
    monkeypatch.setenv("RUNTIME", wanted)

    assert choose_runtime(place) == Choice(wanted, f"RUNTIME={wanted}")


def test_another_word_is_refused(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME", "podman")

    with pytest.raises(LabError, match="RUNTIME=podman is unknown"):
        choose_runtime(place)
