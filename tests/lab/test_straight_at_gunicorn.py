"""What gunicorn makes of requests that never went through nginx."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from lab import table
from lab.environment import back_of
from lab.machine import waiting
from lab.place import Place
from tests.lab import straight
from tests.support.instance import Instance

SITES = [site.name for site in table.load().sites]
WITH_A_BACK_DOOR = [site.name for site in table.load().sites if site.kind.on_back_channel]
FORGED = (
    b"X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Proto: https\r\nForwarded: for=203.0.113.9\r\n"
)


@pytest.mark.parametrize("site", SITES)
def test_a_malformed_request_is_one_line_in_the_log(lab: Instance, site: str) -> None:
    before = len(lab.log(site).splitlines())

    def lines() -> list[str]:
        return lab.log(site).splitlines()[before:]

    answers = [straight.send(lab, site, b"this is no HTTP\r\n\r\n") for _ in range(2)]

    assert [answer[:13] for answer in answers] == [b"HTTP/1.1 400 "] * 2
    assert waiting.until(lambda: len(lines()) >= 2, 5)
    assert ["Invalid request" in line for line in lines()] == [True, True]


def test_a_request_line_that_cannot_be_read_leaves_no_token_in_the_log(lab: Instance) -> None:
    line = "GET /sso/authenticate/?access_token=kept-secret-5678&x=\u00e9 HTTP/1.1\r\n\r\n"

    assert straight.send(lab, "client-a", line.encode()).startswith(b"HTTP/1.1 400 ")

    assert waiting.until(lambda: "access_token=[redacted]" in lab.log("client-a"), 5)
    assert "kept-secret-5678" not in lab.log("client-a")


def test_nobody_else_can_open_the_sockets(lab: Instance) -> None:
    for door in (*SITES, *map(back_of, WITH_A_BACK_DOOR)):
        path = Place(lab.state, lab.port).socket(door)
        assert (mode(path), mode(path.parent)) == (0o600, 0o700), door


def test_nobody_else_can_write_down_what_happens(lab: Instance) -> None:
    folder = Place(lab.state, lab.port).events

    assert mode(folder) == 0o700
    assert (folder / "sites.jsonl").exists()


@pytest.mark.parametrize(
    ("site", "path"),
    [
        *(("server", f"/sso/{name}/") for name in ("request-token", "verify", "session")),
        ("server", "/sso/sign-out/"),
        ("client-a", "/sso/session-ended/"),
        ("client-b", "/sso/session-ended/"),
        *((site, "/healthz") for site in WITH_A_BACK_DOOR),
    ],
)
def test_the_back_door_leads_to_the_back_channel(lab: Instance, site: str, path: str) -> None:
    """Under any name: the site only knows its own, which the door gives it."""
    answer = straight.send(lab, back_of(site), request("GET", path, "localhost"))

    assert answer.startswith(b"HTTP/1.1 405 " if "sso" in path else b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "path", ["/", "/accounts/login/", "/admin/", "/sso/authorize/", "/sso/verify", "//sso/verify/"]
)
def test_and_to_nothing_else(lab: Instance, path: str) -> None:
    host = f"sso.localhost:{lab.port}"

    for site in WITH_A_BACK_DOOR:
        answer = straight.send(lab, back_of(site), request("GET", path, host))
        assert answer.startswith(b"HTTP/1.1 404 "), site
    assert b"HTTP/1.1 404 " not in straight.send(lab, "server", request("GET", "/", host))


def request(method: str, path: str, host: str) -> bytes:
    lines = f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n"
    return lines.encode() + FORGED + b"\r\n"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)
