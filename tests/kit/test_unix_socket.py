"""The back channel over a Unix socket: the same promises as over TCP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sso_kit.back_channel.channel import BackChannel
from sso_kit.back_channel.gate import Budget
from sso_kit.errors import ServerUnavailable
from tests.kit.odd_server import Behaviour, OddServer, drips, hangs, odd_server, pours, says, sends

BUDGET = Budget(connect=0.3, read=0.3, glance=0.1, at_once=2, queue=0.2, rest=0.3)
LONGEST = BUDGET.connect + BUDGET.read + 0.4  # seconds; this machine may be busy
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[OddServer]:
    """At a path with characters that mean something in a URL, capitals among them."""
    with odd_server(says("200 OK", b"answer"), tmp_path / "A?b #c%2F.sock") as server:
        yield server


def test_the_answer_is_handed_on_and_the_connection_kept(server: OddServer) -> None:
    channel = BackChannel(server.url, "public", BUDGET)

    assert [channel.post("verify/", "question") for _ in range(5)] == ["answer"] * 5
    assert server.connections == 1


def test_the_question_is_for_localhost_and_the_path_after_the_socket(server: OddServer) -> None:
    BackChannel(server.url, "public", BUDGET).post("verify/", "question")

    head = server.requests[0].decode()
    assert head.startswith("POST /sso/verify/ HTTP/1.1\r\n")
    assert "\r\nHost: localhost\r\n" in head


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs,
        pours,
        sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        drips(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"),
        drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drips(HEAD, b"X-Drip: 1\r\n"),
    ],
    ids=["hangs", "pours", "no HTTP", "dripping body", "dripping chunks", "dripping head"],
)
def test_the_deadline_is_for_the_whole_answer(server: OddServer, behaviour: Behaviour) -> None:
    server.behaviour = behaviour
    began = time.monotonic()

    with pytest.raises(ServerUnavailable):
        BackChannel(server.url, "public", BUDGET).post("verify/", "question")

    assert time.monotonic() - began < LONGEST


def test_a_socket_that_nobody_listens_on_is_a_server_that_is_down(tmp_path: Path) -> None:
    with odd_server(hangs, tmp_path / "gone.sock") as gone:
        left_behind = BackChannel(gone.url, "public", BUDGET)
    (tmp_path / "file").touch()

    for channel in (
        left_behind,
        BackChannel(f"http+unix://{str(tmp_path).replace('/', '%2F')}%2Ffile/sso/", "p", BUDGET),
        BackChannel("http+unix://%2Fno%2Fsuch.sock/sso/", "public", BUDGET),
        BackChannel(f"http+unix://%2F{'x' * 200}/sso/", "public", BUDGET),
    ):
        with pytest.raises(ServerUnavailable, match="doesn't answer"):
            channel.post("verify/", "question")
