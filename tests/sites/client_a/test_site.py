from __future__ import annotations

from unittest import mock

from django.template.loader import render_to_string
from django.test import Client

from tests.sites.pages import text


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
