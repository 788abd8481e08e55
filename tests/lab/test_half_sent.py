"""Requests that never end, by the hundred: everybody else is served as before.

Heads and bodies that stay away are held by nginx until they time out; the sites don't see them.
Bodies count against their sender's address, which is everybody's in a lab on one machine.
"""

from __future__ import annotations

import resource
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest

from e2e import plain
from lab import table
from lab.machine import waiting
from tests.support.instance import Instance

MANY = 1_200
AT_ONCE = 3_000  # of one address: limit_conn in nginx/templates
MORE = 3_300
HER_OWN, ELSEWHERE = "127.0.0.1", "127.0.0.2"
SECONDS = 5.0  # to sign in; on a quiet machine it takes a fifth of one
PATIENCE = 5.0  # of nginx: client_header_timeout, client_body_timeout

HALF_A_HEAD = "POST /accounts/login/ HTTP/1.1\r\nHost: {host}\r\nCookie: a="
HALF_A_BODY = (
    "POST /accounts/login/ HTTP/1.1\r\nHost: {host}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin="
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="one loopback address only")


@pytest.fixture(autouse=True)
def enough_files() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("half", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
def test_half_a_request_from_her_own_address_keeps_nobody_out(lab: Instance, half: str) -> None:
    with half_sent(lab, half, HER_OWN):
        assert seconds_to_sign_in(lab) < SECONDS


def test_of_one_address_no_more_are_kept_than_agreed(lab: Instance) -> None:
    with half_sent(lab, HALF_A_BODY, ELSEWHERE, MORE) as senders:
        assert seconds_to_sign_in(lab) < SECONDS
        refused = [sender for sender in senders if answer_of(sender).startswith("HTTP/1.1 429 ")]

    assert len(refused) >= MORE - AT_ONCE


def test_both_at_once_keep_nobody_out(lab: Instance) -> None:
    with half_sent(lab, HALF_A_HEAD, HER_OWN), half_sent(lab, HALF_A_BODY, HER_OWN):
        assert seconds_to_sign_in(lab) < SECONDS


@pytest.mark.parametrize("half", [HALF_A_HEAD, HALF_A_BODY], ids=["head", "body"])
def test_what_never_ends_is_ended(lab: Instance, half: str) -> None:
    with half_sent(lab, half, ELSEWHERE, 20) as senders:
        began = time.monotonic()
        assert waiting.until(lambda: all(map(is_closed, senders)), PATIENCE + 5)

    assert time.monotonic() - began > PATIENCE / 2


def test_too_many_at_once_are_told_so(lab: Instance) -> None:
    with half_sent(lab, HALF_A_BODY, HER_OWN, MORE) as senders:
        for sender in senders:
            with suppress(OSError):  # those that were told so already
                sender.send(b"x")  # and time begins anew, however long all this took
        told = plain.send(lab, "client-a", "/")

    assert told.status == 429
    assert "Too many requests at once" in told.text
    assert "prefers-color-scheme: dark" in told.text
    assert waiting.until(lambda: plain.send(lab, "client-a", "/").status == 200, PATIENCE)


@contextmanager
def half_sent(
    lab: Instance, text: str, address: str, many: int = MANY
) -> Iterator[list[socket.socket]]:
    """So many connections from an address, each with the beginning of a request."""
    request = text.format(host=f"{table.load().server.host}:{lab.port}").encode()
    with ExitStack() as opened:
        senders = []
        for _ in range(many):
            sender = socket.create_connection(("127.0.0.1", lab.port), 5, (address, 0))
            senders.append(opened.enter_context(sender))
            sender.sendall(request)
            sender.setblocking(False)
        yield senders


def seconds_to_sign_in(lab: Instance) -> float:
    began = time.monotonic()
    plain.signed_in(lab, "client-b", "/tickets/", "alice").close()
    return time.monotonic() - began


def answer_of(sender: socket.socket) -> str:
    """The beginning of what it got so far."""
    try:
        return sender.recv(100).decode()
    except (BlockingIOError, ConnectionResetError):
        return ""


def is_closed(sender: socket.socket) -> bool:
    """Ended by nginx, with or without an answer."""
    try:
        return sender.recv(65536) == b""
    except BlockingIOError:
        return False
    except ConnectionResetError:
        return True
