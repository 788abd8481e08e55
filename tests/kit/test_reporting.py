"""Error reports, with ``DEBUG`` on: neither tokens nor keys, and still of use."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from django.http import HttpRequest
from django.test import RequestFactory

from sso_kit.client import Client
from sso_kit.contrib.reporting import TokenFreeReporter, secrets_of
from sso_kit.keys import Key

TOKEN = "WzEsIjQ3Y2M4:1xV6Dr:AqePXhJn8g1kLrgH5XRExZy-91TB_aCeT3"
SESSION = "jf8a7sd6f8a7s6df87as6df8a76sdf87"
PRIVATE = "the-very-private-key-" * 3


@pytest.fixture
def request_with_tokens() -> HttpRequest:
    request = RequestFactory().get(
        "/sso/authenticate/",
        {
            "access_token": TOKEN,
            "state": "s" + TOKEN,
            "page": "2",
            "next": f"/server/authorize/?token={TOKEN}n",
        },
    )
    request.COOKIES.update({"sessionid": SESSION, "sso_checked": "1", "empty": ""})
    return request


def breaks(request: HttpRequest) -> None:
    access_token = request.GET["access_token"]
    client = Client("http://sso.test/sso/", "public", PRIVATE)
    private_key = PRIVATE
    page = f"page {request.GET['page']}"
    raise RuntimeError(f"{page} broke: {bool(access_token and private_key and client)}")


@pytest.fixture(params=["html", "text"])
def report(request: pytest.FixtureRequest, request_with_tokens: HttpRequest, settings: Any) -> str:
    settings.DEBUG = True
    try:
        breaks(request_with_tokens)
    except RuntimeError:
        reporter = TokenFreeReporter(request_with_tokens, *sys.exc_info())
    return (
        reporter.get_traceback_html() if request.param == "html" else reporter.get_traceback_text()
    )


def test_no_token_cookie_or_key_is_in_it(report: str) -> None:
    for secret in (TOKEN, SESSION, PRIVATE):
        assert secret not in report


def test_it_still_says_what_broke_and_where(report: str) -> None:
    assert "page 2 broke" in report
    assert "test_reporting.py" in report
    assert "/sso/authenticate/" in report


def test_a_short_cookie_does_not_blank_the_page(report: str) -> None:
    assert "127.0.0.1" in report


def test_a_report_without_a_request_works_too() -> None:
    try:
        raise ValueError("broke outside of a request")
    except ValueError:
        assert "broke outside" in TokenFreeReporter(None, *sys.exc_info()).get_traceback_text()
    assert secrets_of(None) == set()


def test_the_page_of_debug_uses_it(
    settings: Any, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    settings.DEFAULT_EXCEPTION_REPORTER = "sso_kit.contrib.reporting.TokenFreeReporter"
    monkeypatch.setattr("sso_kit.server.views.read_request_token", lambda *_: 1 / 0)
    client.raise_request_exception = False

    page = client.get("/server/authorize/", {"token": TOKEN}, headers={"host": "sso.test"})

    assert page.status_code == 500
    assert "ZeroDivisionError" in page.content.decode()
    assert TOKEN not in page.content.decode()


@pytest.mark.parametrize(
    "show", [repr, "{!r}".format, lambda key: str([key]), lambda key: str({"k": key})]
)
def test_a_key_does_not_show_itself(show: Any) -> None:
    assert PRIVATE not in show(Key(PRIVATE))
    assert Key(PRIVATE) == PRIVATE
