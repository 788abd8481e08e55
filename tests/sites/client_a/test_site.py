from __future__ import annotations

from unittest import mock

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client

from tests.sites.pages import text


def test_health_is_reported_without_a_session(stranger: Client) -> None:
    response = stranger.get("/healthz")

    assert response.json() == {"status": "ok", "site": "client_a"}
    assert not response.cookies


def test_a_dead_database_is_reported(stranger: Client) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError):
        response = stranger.get("/healthz")

    assert response.status_code == 503
    assert response.json()["status"] == "database down"


def test_cookies_are_this_sites_own_and_guarded(alices: Client) -> None:
    cookies = alices.get("/notes/new/").cookies

    assert set(cookies) == {"notes_csrf_8080"}
    assert cookies["notes_csrf_8080"]["httponly"]
    assert cookies["notes_csrf_8080"]["samesite"] == "Lax"


def test_pages_carry_the_security_headers_and_need_nothing_inline(alices: Client) -> None:
    response = alices.get("/notes/new/")

    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "form-action 'self' http://sso.localhost:8080" in policy
    for inline in ("<style", "style=", "<script", "onclick", "javascript:"):
        assert inline not in text(response)


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "405", "500", "503"])
def test_every_error_page_stands_without_context(status: str) -> None:
    page = render_to_string(f"{status}.html")

    assert "<h1>" in page
    assert "Go to the front page" in page


def test_a_crash_shows_a_page_that_keeps_its_details_back(alices: Client) -> None:
    alices.raise_request_exception = False

    with mock.patch("client_a.notes.views.page_of", side_effect=RuntimeError("secret")):
        response = alices.get("/notes/")

    assert response.status_code == 500
    assert "Something broke on our side" in text(response)
    assert "secret" not in text(response)


def test_a_refusal_says_why_and_what_next() -> None:
    page = render_to_string(
        "sso_kit/refused.html",
        {
            "title": "No way in",
            "reason": "You may not enter.",
            "advice": "Ask for it.",
            "action_url": "/sso/",
            "action_label": "Sign in again",
            "status": 403,
            "reference": "abc123",
        },
    )

    for shown in ("No way in", "You may not enter.", "Ask for it.", "Sign in again", "abc123"):
        assert shown in page


def test_style_sheet_and_icon_are_served(stranger: Client) -> None:
    for name in ("look.css", "client-a.svg", "client-b.svg", "server.svg"):
        response = stranger.get(f"/static/look/{name}")
        response.close()  # it has the file open

        assert response.status_code == 200


@pytest.mark.django_db
def test_provisioning_twice_is_fine() -> None:
    call_command("provision")
    call_command("provision")
