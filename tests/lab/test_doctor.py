from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from lab import secrets, table
from lab.commands import doctor
from lab.commands.doctor import Finding
from lab.machine import ports, system
from lab.place import Place
from lab.runtimes.local import Local


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The doctor looks at this lab."""
    monkeypatch.setenv("LAB_STATE", str(place.state))
    monkeypatch.setenv("LAB_PORT", str(ports.free()))
    return place


@pytest.fixture
def bare(asked_anew: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine with no programs on it, and nobody's right to install any."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(system, "nginx_program", lambda: None)


@pytest.mark.usefixtures("here")
def test_a_machine_that_can_run_the_lab_gets_no_for_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    if system.nginx_program() is None and system.compose_lacks():
        pytest.skip("this machine can't run the lab")

    assert doctor.run() == 0
    assert "make up can work here." in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_a_taken_port_blocks_and_the_fix_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    port = ports.free()
    monkeypatch.setenv("LAB_PORT", str(port))

    with socket.create_server(("127.0.0.1", port)):
        finding = doctor.port_is_free()

    assert finding.blocks
    assert f"Port {port} is taken" in finding.what
    assert "LAB_PORT=" in finding.fix


@pytest.fixture
def up(here: Place, monkeypatch: pytest.MonkeyPatch) -> int:
    """The port of a lab that is up; nobody names another."""
    where = replace(here, port=ports.free())
    where.write_record("local")
    monkeypatch.setattr(Local, "is_up", lambda self: self.place == where)
    monkeypatch.delenv("LAB_PORT")
    return where.port


def test_a_lab_that_is_up_is_reported_at_its_own_port(up: int) -> None:
    with socket.create_server(("127.0.0.1", up)):
        finding = doctor.port_is_free()

    assert finding == Finding(f"The lab is up, on port {up}")


def test_a_wanted_port_beside_it_is_looked_at(up: int, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ports.free()
    monkeypatch.setenv("LAB_PORT", str(wanted))
    said = f"(the lab is up, on port {up})"

    assert doctor.port_is_free() == Finding(f"Port {wanted} is free {said}")
    with socket.create_server(("127.0.0.1", wanted)):
        finding = doctor.port_is_free()

    assert finding.blocks
    assert f"Port {wanted} is taken" in finding.what
    assert said in finding.what


@pytest.mark.usefixtures("here", "bare")
def test_no_nginx_and_no_engine_block() -> None:
    finding = doctor.nginx()

    assert finding.blocks
    assert "nginx" in finding.fix


@pytest.mark.usefixtures("here", "bare")
def test_no_engine_blocks_only_who_insists_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not doctor.docker().blocks

    monkeypatch.setenv("RUNTIME", "compose")
    assert doctor.docker().blocks
    assert "RUNTIME=local" in doctor.docker().fix


@pytest.mark.usefixtures("here", "bare")
def test_no_browser_is_a_note_with_a_fix() -> None:
    finding = doctor.browser()

    assert "chromium" in finding.fix
    assert not finding.blocks


def test_secrets_that_others_can_read_are_found(here: Place) -> None:
    secrets.ensure(here.state)
    secrets.folder(here.state).chmod(0o755)

    assert doctor.secrets_are_kept().fix.startswith("chmod 700")


def test_a_secret_that_is_gone_is_found_and_one_that_is_yet_to_be_made_is_not(
    here: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets.ensure(here.state)
    whole = table.load()
    one_more = replace(whole.site("client-b"), name="client-c")
    monkeypatch.setattr(table, "load", lambda: replace(whole, sites=(*whole.sites, one_more)))
    assert not doctor.secrets_are_kept().fix

    (secrets.folder(here.state) / "CLIENT_A_SECRET_KEY").unlink()

    assert "lacks CLIENT_A_SECRET_KEY" in doctor.secrets_are_kept().what
    assert doctor.secrets_are_kept().blocks


def test_a_lab_that_ended_without_down_is_found(here: Place) -> None:
    here.write_record("local")

    assert doctor.earlier_lab().fix == "make up, or make down"
