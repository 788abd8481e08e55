"""The back channel's client end against a real server that does what servers do."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lab.machine import waiting
from sso_kit.back_channel.channel import BackChannel
from sso_kit.back_channel.gate import Budget, Gate
from sso_kit.errors import (
    REFUSALS,
    HandShakeError,
    MessageRefused,
    ServerUnavailable,
    TokenRefused,
)
from sso_kit.events import Step
from sso_kit.messages import MAX_BODY_BYTES, REFUSAL_HEADER
from tests.kit.logged import event
from tests.kit.odd_server import Behaviour, OddServer, drips, hangs, odd_server, pours, says, sends

BUDGET = Budget(connect=0.3, read=0.3, glance=0.1, at_once=2, queue=0.2, rest=0.3)
LONGEST = BUDGET.connect + BUDGET.read + 0.4  # seconds; this machine may be busy
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server(says("200 OK", b"answer")) as server:
        yield server


def channel_to(server: OddServer) -> BackChannel:
    return BackChannel(server.url, "public", BUDGET)


def test_the_answer_is_handed_on_and_the_connection_kept(server: OddServer) -> None:
    channel = channel_to(server)

    assert [channel.post("verify/", "question") for _ in range(5)] == ["answer"] * 5
    assert server.connections == 1


def test_the_server_is_told_which_app_asks(server: OddServer) -> None:
    channel_to(server).post("verify/", "question")

    (asked,) = (request.decode().splitlines() for request in server.requests)
    assert asked[0] == "POST /sso/verify/ HTTP/1.1"
    assert "x-services-public-key: public" in map(str.lower, asked)


def test_a_connection_dropped_in_mid_question_is_tried_once_more(server: OddServer) -> None:
    """As when the server's workers are replaced; nobody else is turned away for it."""
    well = server.behaviour

    def drops_once(connection: socket.socket, over: threading.Event) -> None:
        server.behaviour = well
        connection.shutdown(socket.SHUT_RDWR)

    server.behaviour = drops_once
    channel = channel_to(server)

    assert channel.post("verify/", "question") == channel.post("verify/", "question")
    assert server.calls == 3


def test_a_kept_connection_that_the_server_closed_is_replaced(server: OddServer) -> None:
    server.behaviour = says("200 OK", b"answer", "Connection: close\r\n")
    channel = channel_to(server)

    assert [channel.post("verify/", "question") for _ in range(3)] == ["answer"] * 3


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("400 Bad Request", MessageRefused),
        ("403 Forbidden", TokenRefused),
        ("404 Not Found", TokenRefused),
    ],
)
def test_a_refusal_is_told_with_the_servers_reason(
    server: OddServer, status: str, kind: type[HandShakeError]
) -> None:
    server.behaviour = says(status, b"Because of this.")

    with pytest.raises(kind, match=r"Because of this\."):
        channel_to(server).post("verify/", "question")


@pytest.mark.parametrize("body", [b"<html>proxy page</html>", b"x" * 5000])
def test_a_page_in_place_of_a_reason_is_not_shown(server: OddServer, body: bytes) -> None:
    server.behaviour = says("403 Forbidden", body)

    with pytest.raises(TokenRefused, match=r"^Status 403\.$"):
        channel_to(server).post("verify/", "question")


def test_refusals_are_no_reason_to_stop_asking(server: OddServer) -> None:
    server.behaviour = says("400 Bad Request", b"no")
    channel = channel_to(server)
    for _ in range(3):
        with pytest.raises(MessageRefused):
            channel.post("verify/", "question")

    assert server.calls == 3


USELESS: dict[str, Behaviour] = {
    "an error": says("500 Internal Server Error", b"oops"),
    "a proxy's error": says("502 Bad Gateway", b"<html>nginx</html>"),
    "a redirect": says("302 Found", b"", "Location: http://127.0.0.1:1/\r\n"),
    "an answer that is too long": says("200 OK", b"x" * (MAX_BODY_BYTES + 1)),
    "a flood": pours,
    "an answer that isn't UTF-8": says("200 OK", b"\xff\xfe\x00"),
    "no HTTP": sends(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "a closed connection": sends(b""),
    "half an answer": sends(HEAD + b"Content-Length: 100\r\n\r\nhalf"),
    "a broken chunk": sends(HEAD + b"Transfer-Encoding: chunked\r\n\r\nZZ\r\nx\r\n"),
    "a wrong compression": says("200 OK", b"not gzip", "Content-Encoding: gzip\r\n"),
    "nothing": hangs,
    "a body that drips": drips(HEAD + b"Content-Length: 9999\r\n\r\n", b"x"),
    "a chunked body that drips": drips(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "a head that drips": drips(HEAD, b"X-Drip: 1\r\n"),
    "a status line that drips": drips(b"HTTP/1.1 200 O", b"K"),
}


@pytest.mark.parametrize("body", [says("200 OK", b"x" * (MAX_BODY_BYTES + 1)), pours])
def test_an_answer_that_is_too_long_is_one_persons_trouble(
    server: OddServer, body: Behaviour
) -> None:
    """Eight hundred groups of one person closed the sign-in for everybody."""
    well, server.behaviour = server.behaviour, body
    channel = channel_to(server)
    with pytest.raises(ServerUnavailable, match="16384 bytes"):
        channel.post("verify/", "hers")

    server.behaviour = well
    assert channel.post("verify/", "his") == "answer"


@pytest.mark.parametrize("body", [b"x" * (MAX_BODY_BYTES + 1), b"\xff\xfe\x00"])
def test_an_answer_that_is_none_is_in_the_log(
    server: OddServer, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """A page that only asks in passing swallows the error."""
    server.behaviour = says("200 OK", body)

    with pytest.raises(ServerUnavailable):
        channel_to(server).post("verify/", "question", patient=False)

    assert list(map(event, caplog.records)) == [Step.NO_ANSWER.text]


@pytest.mark.parametrize("status", ["500 Internal Server Error", "302 Found"])
def test_an_error_that_is_no_outage_turns_nobody_else_away(server: OddServer, status: str) -> None:
    well, server.behaviour = server.behaviour, says(status, b"oops")
    channel = channel_to(server)
    with pytest.raises(ServerUnavailable):
        channel.post("verify/", "hers")

    server.behaviour = well
    assert channel.post("verify/", "his") == "answer"


def test_an_answer_of_the_longest_length_is_taken(server: OddServer) -> None:
    server.behaviour = says("200 OK", b"x" * MAX_BODY_BYTES)

    assert channel_to(server).post("verify/", "question") == "x" * MAX_BODY_BYTES


@pytest.mark.parametrize("code", REFUSALS)
def test_the_servers_code_says_which_refusal_it_is(server: OddServer, code: str) -> None:
    server.behaviour = says("403 Forbidden", b"No.", f"{REFUSAL_HEADER}: {code}\r\n")

    with pytest.raises(REFUSALS[code], match=r"^No\.$"):
        channel_to(server).post("verify/", "question")


@pytest.mark.parametrize("answer", USELESS)
def test_the_server_is_unavailable_within_the_budget_after(server: OddServer, answer: str) -> None:
    server.behaviour = USELESS[answer]
    if answer in ("a closed connection", "half an answer"):
        server.over.set()
    began = time.monotonic()

    with pytest.raises(ServerUnavailable):
        channel_to(server).post("verify/", "question")

    assert time.monotonic() - began < LONGEST


def test_a_server_that_is_down_is_unavailable() -> None:
    with odd_server(hangs) as gone:
        channel = channel_to(gone)

    with pytest.raises(ServerUnavailable, match="doesn't answer"):
        channel.post("verify/", "question")


def test_a_host_that_does_not_exist_is_unavailable() -> None:
    with pytest.raises(ServerUnavailable):
        BackChannel("http://no-such-host.invalid/sso/", "public", BUDGET).post(
            "verify/", "question"
        )


@pytest.mark.parametrize("outage", [says("503 Service Unavailable", b""), hangs])
def test_after_a_failure_nobody_tries_for_a_moment(server: OddServer, outage: Behaviour) -> None:
    server.behaviour = outage
    channel = BackChannel(server.url, "public", replace(BUDGET, rest=60))
    for _ in range(5):
        with pytest.raises(ServerUnavailable):
            channel.post("verify/", "question")

    assert server.calls == 1


def test_then_it_is_asked_again_and_all_is_well(server: OddServer) -> None:
    channel = channel_to(server)
    channel.gate.failed()
    with pytest.raises(ServerUnavailable, match="a moment ago"):
        channel.post("verify/", "question")

    assert waiting.until(lambda: time.monotonic() > channel.gate.closed_until, seconds=2)
    assert channel.post("verify/", "question") == "answer"


def test_a_crowd_at_a_stuck_server_is_turned_away_at_once(server: OddServer) -> None:
    server.behaviour = hangs
    channel, waited = channel_to(server), list[float]()

    def ask() -> None:
        began = time.monotonic()
        with pytest.raises(ServerUnavailable):
            channel.post("verify/", "question")
        waited.append(time.monotonic() - began)

    crowd = [threading.Thread(target=ask) for _ in range(12)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert server.calls <= BUDGET.at_once
    assert max(waited) < LONGEST
    assert sum(waited) < LONGEST * BUDGET.at_once + 12 * BUDGET.queue


def test_a_place_is_given_back_after_every_end() -> None:
    gate = Gate(BUDGET)
    for _ in range(BUDGET.at_once + 1):
        with pytest.raises(RuntimeError), gate.enter():
            raise RuntimeError

    with gate.enter():
        pass


def test_while_answers_come_in_a_further_call_waits_for_a_place(server: OddServer) -> None:
    slow = threading.Event()
    server.behaviour = lambda connection, over: (
        slow.wait(0.05),
        says("200 OK", b"answer")(connection, over),
    )[1]
    patient = replace(BUDGET, read=10, queue=5)  # whatever else this machine is doing
    channel, answers = BackChannel(server.url, "public", patient), list[str]()
    crowd = [
        threading.Thread(target=lambda: answers.append(channel.post("verify/", "q")))
        for _ in range(4)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert answers == ["answer"] * 4
