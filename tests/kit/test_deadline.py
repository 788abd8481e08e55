"""The time for an answer is one budget: no step of it gets a new one."""

from __future__ import annotations

import socket
import time

import pytest

from sso_kit.back_channel.channel import BackChannel
from sso_kit.back_channel.gate import Budget
from sso_kit.errors import ServerUnavailable
from tests.kit.odd_server import drips_and_hangs, odd_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"


def test_the_last_read_gets_only_what_is_left_of_the_time() -> None:
    with odd_server(drips_and_hangs(HEAD, b"x", 40)) as server:
        began = time.monotonic()

        with pytest.raises(ServerUnavailable):
            BackChannel(server.url, "public", Budget(read=1.0)).post("verify/", "question")

    assert time.monotonic() - began < 1.5  # with a second for each read it would be 1.8


def test_a_server_that_does_not_even_accept_gets_the_time_to_connect_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as waiting_one:
        waiting_one.setblocking(False)
        waiting_one.connect_ex(full.getsockname())  # takes the one place in the queue
        url = f"http://127.0.0.1:{full.getsockname()[1]}/sso/"
        began = time.monotonic()

        with pytest.raises(ServerUnavailable):
            BackChannel(url, "public", Budget(connect=0.3, read=20)).post("verify/", "question")

        assert time.monotonic() - began < 1.2  # it tries twice
