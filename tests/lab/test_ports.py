from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import place
from lab.errors import LabError
from lab.machine import ports


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that this process listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_taken_port_is_not_free(taken: int) -> None:
    assert not ports.is_free(taken)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="owners are found on Linux only")
def test_who_has_a_port_is_found_out(taken: int) -> None:
    assert f"(pid {os.getpid()})" in (ports.owner(taken) or "")


def test_the_complaint_names_the_port_and_a_way_out(taken: int) -> None:
    with pytest.raises(LabError) as caught:
        ports.demand(taken)

    assert f"Port {taken} is taken by" in caught.value.cause
    assert "LAB_PORT=" in caught.value.fix


def test_a_free_port_is_free() -> None:
    assert ports.is_free(ports.free())


def test_no_free_port_is_given_twice() -> None:
    assert len({ports.free() for _ in range(500)}) == 500


@pytest.mark.parametrize("wrong", ["abc", "80", "70000", "-1", "8080.5"])
def test_a_wrong_lab_port_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_PORT", wrong)

    with pytest.raises(LabError, match="is not a port"):
        place.from_environment()
