"""What every app does, whatever it is about: each app's suite takes all of it.

An app's conftest has the browsers of nobody (``stranger``) and of Bob (``bobs``), and the
addresses of a ``list_page`` and a ``form_page``.
"""

from __future__ import annotations

from unittest import mock

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from site_common import doors
from tests.sites.pages import text


def test_health_is_reported_without_a_session(stranger: Client) -> None:
    response = stranger.get("/healthz")

    assert response.json() == {"status": "ok", "site": settings.SITE.package}
    assert not response.cookies


def test_a_dead_database_is_reported(stranger: Client) -> None:
    with mock.patch.object(connection, "cursor", side_effect=OperationalError):
        response = stranger.get("/healthz")

    assert response.status_code == 503
    assert response.json()["status"] == "database down"


def test_cookies_are_this_sites_own_and_guarded(bobs: Client, form_page: str) -> None:
    [(name, cookie)] = bobs.get(form_page).cookies.items()

    assert name == f"{settings.SITE.title.lower()}_csrf_8080"
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_pages_carry_the_security_headers_and_need_nothing_inline(
    bobs: Client, form_page: str
) -> None:
    response = bobs.get(form_page)

    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "form-action 'self' http://sso.localhost:8080" in policy
    for inline in ("<style", "style=", "<script>", "onclick", "javascript:"):
        assert inline not in text(response)


@pytest.mark.parametrize("status", ["400", "403", "403_csrf", "404", "405", "500", "503"])
def test_every_error_page_stands_without_context(status: str) -> None:
    page = render_to_string(f"{status}.html")

    assert "<h1>" in page
    assert "Go to the front page" in page


def test_style_sheet_and_icon_are_served(stranger: Client) -> None:
    for name in ("look.css", "client-a.svg", "client-b.svg", "server.svg"):
        response = stranger.get(f"/static/look/{name}")
        response.close()  # it has the file open

        assert response.status_code == 200


def test_a_query_of_too_many_fields_is_refused(bobs: Client, list_page: str) -> None:
    response = bobs.get(f"{list_page}?" + "a&" * 1001)

    assert response.status_code == 400
    assert "That request made no sense" in text(response)


def test_a_form_without_its_token_is_explained(bobs: Client, form_page: str) -> None:
    bobs.handler.enforce_csrf_checks = True

    response = bobs.post(form_page, {"title": "Forged", "subject": "Forged"})

    assert response.status_code == 403
    assert "This form has gone stale" in text(response)


@pytest.mark.parametrize("cookie", ["", "x", "\x7f", "é", "a" * 4000])
def test_a_damaged_session_cookie_is_no_session(stranger: Client, cookie: str) -> None:
    stranger.cookies[settings.SESSION_COOKIE_NAME] = cookie

    assert "Sign in with Identity" in text(stranger.get("/"))


def test_another_host_name_is_refused(stranger: Client) -> None:
    response = stranger.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "That request made no sense" in text(response)


@pytest.mark.django_db
def test_provisioning_twice_is_fine() -> None:
    call_command("provision")
    call_command("provision")


def test_the_open_paths_of_the_back_door_are_what_the_server_tells() -> None:
    assert {reverse("sso-session-ended"), "/healthz"} == doors.OF_AN_APP
