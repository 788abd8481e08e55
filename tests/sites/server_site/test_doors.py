"""The back door shows the others the back channel, and takes nobody's word for where he is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.urls import reverse

from site_common import doors

BASE_URL = "http://sso.localhost:8080"
FORGED = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_FORWARDED": "for=203.0.113.9",
    "HTTP_X_REAL_IP": "203.0.113.9",
}


class Listening:
    """A connection that came in at an address."""

    def __init__(self, here: str | tuple[str, int]) -> None:
        self.here = here

    def getsockname(self) -> str | tuple[str, int]:
        return self.here


def ask(bind: str, here: Any, path: str = "/sso/verify/") -> tuple[str, dict[str, Any]]:
    """The status, and what the application saw of the request."""
    seen: dict[str, Any] = {}
    started: list[str] = []

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return []

    def start(status: str, headers: object, error: object = None) -> Callable[[bytes], object]:
        started.append(status)
        return len

    environ: dict[str, Any] = {"PATH_INFO": path, "HTTP_HOST": "server:8001", **FORGED}
    if here:
        environ["gunicorn.socket"] = Listening(here)
    door = doors.with_back_door(application, bind, BASE_URL, doors.OF_A_SERVER)
    list(door(environ, start))
    return started[0], seen


BACK = [("back:8001", ("172.18.0.2", 8001)), ("unix:/run/back.sock", "/run/back.sock")]
FRONT = [
    ("back:8001", ("172.18.0.2", 8000)),
    ("unix:/run/back.sock", "/run/front.sock"),
    ("back:8001", None),
    ("", ("172.18.0.2", 8001)),
]


@pytest.mark.parametrize(("bind", "here"), BACK)
def test_forwarded_headers_are_dropped_and_the_name_is_the_sites_own(bind: str, here: Any) -> None:
    status, seen = ask(bind, here)

    assert status == "200 OK"
    assert not set(FORGED) & set(seen)
    assert seen["HTTP_HOST"] == "sso.localhost:8080"


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/admin/", "/sso/authorize/"])
@pytest.mark.parametrize(("bind", "here"), BACK)
def test_other_pages_are_not_there(bind: str, here: Any, path: str) -> None:
    assert ask(bind, here, path) == ("404 Not Found", {})


@pytest.mark.parametrize(("bind", "here"), FRONT)
def test_the_front_door_is_as_it_was(bind: str, here: Any) -> None:
    """nginx has written those headers."""
    status, seen = ask(bind, here, "/accounts/login/")

    assert status == "200 OK"
    assert seen.items() >= FORGED.items()


def test_the_open_paths_are_the_back_channels() -> None:
    names = ("simple-sso-request-token", "simple-sso-verify", "sso-session", "sso-sign-out")

    assert {*map(reverse, names), "/healthz"} == doors.OF_A_SERVER
