"""What nobody reads of a request's body is read before the answer goes out."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from typing import Any
from wsgiref.types import StartResponse

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import resolve

from sso_kit.contrib.bodies import read_to_the_end
from sso_kit.responses import MOST, discard


def environment(body: BytesIO, **further: Any) -> dict[str, Any]:
    return {"wsgi.input": body, "wsgi.input_terminated": True, **further}


def refuses(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """An application that doesn't look at what was sent."""
    start_response("403 Forbidden", [])
    return [b"no"]


def noting(started: list[str]) -> StartResponse:
    """A server's end, which notes what is answered."""

    def start_response(status: str, headers: Any, exc_info: Any = None, /) -> Any:
        started.append(status)

    return start_response


def fails(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    raise RuntimeError


@pytest.mark.parametrize("size", [0, 1, 100_000, MOST])
def test_a_body_that_the_application_leaves_is_read(size: int) -> None:
    body, started = BytesIO(b"x" * size), list[str]()

    answer = read_to_the_end(refuses)(environment(body), noting(started))

    assert (list(answer), started) == ([b"no"], ["403 Forbidden"])
    assert body.read() == b""


def test_it_is_read_when_the_application_fails() -> None:
    body = BytesIO(b"x" * 100_000)

    with pytest.raises(RuntimeError):
        read_to_the_end(fails)(environment(body), noting([]))

    assert body.read() == b""


def test_no_more_is_read_than_was_agreed() -> None:
    body = BytesIO(b"x" * 1000)

    read_to_the_end(refuses, most=300)(environment(body), noting([]))

    assert len(body.read()) == 700


def test_nothing_is_read_where_the_server_marks_no_end() -> None:
    """Reading on would wait for the visitor's next request."""
    body = BytesIO(b"the next request")

    read_to_the_end(refuses)({"wsgi.input": body}, noting([]))

    assert body.tell() == 0


def test_a_sender_who_breaks_off_gets_the_applications_answer() -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    assert list(read_to_the_end(refuses)(environment(Broken()), noting([]))) == [b"no"]


@pytest.mark.parametrize("read_before", [0, 10, 100_000])
def test_one_view_can_see_to_its_own_request(read_before: int) -> None:
    body = BytesIO(b"x" * 100_000 + b"the next request")
    request = WSGIRequest(
        {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "100000", "wsgi.input": body}
    )
    request.read(read_before)

    discard(request)

    assert body.read() == b"the next request"


def test_a_body_that_django_has_taken_is_no_trouble() -> None:
    request = WSGIRequest(
        {"REQUEST_METHOD": "POST", "CONTENT_LENGTH": "3", "wsgi.input": BytesIO(b"abc")}
    )

    assert request.body == b"abc"
    discard(request)
    assert request.body == b"abc"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "host"),
    [
        ("/server/request-token/", "sso.test"),
        ("/server/verify/", "sso.test"),
        ("/server/authorize/", "sso.test"),
        ("/sso/", "app.test"),
        ("/sso/authenticate/", "app.test"),
        ("/sso/sso-logout/", "app.test"),
        ("/sso/time-left/", "app.test"),
        ("/sso/session-ended/", "app.test"),
        ("/server/session/", "sso.test"),
        ("/server/sign-out/", "sso.test"),
        ("/server/signed-out/", "sso.test"),
    ],
)
def test_the_kits_own_views_leave_nothing_unread(path: str, host: str) -> None:
    """Also in a project whose application isn't wrapped."""
    body, length = BytesIO(b"x" * 100_000), "100000"
    environ = RequestFactory(headers={"host": host}).post(path).environ
    request = WSGIRequest({**environ, "wsgi.input": body, "CONTENT_LENGTH": length})
    request.user = AnonymousUser()
    request.session = SessionStore()

    view, arguments, named = resolve(path)
    status = view(request, *arguments, **named).status_code

    assert status in (302, 400, 403, 405)
    assert body.read() == b""
