"""A refusal is a page that says why and what next, with or without a project's own look."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from sso_kit.contrib.headers import SecurityHeadersMiddleware
from sso_kit.errors import HandShakeError
from sso_kit.pages import Page, refusal_page
from sso_kit.responses import DEFAULT_CSP

REQUEST = RequestFactory().get("/")
REFUSAL = Page(
    "Not <here>", "Because & so.", "Go there.", 403, "/sso/?next=/a/", "Sign in again", "ref123"
)


@pytest.fixture
def project_template(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "sso_kit").mkdir()
    (tmp_path / "sso_kit/refused.html").write_text("OURS: {{ title }} {{ status }} {{ reference }}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]


def test_the_packages_own_page_says_everything() -> None:
    page = refusal_page(REQUEST, REFUSAL)

    body = page.content.decode()
    assert page.status_code == 403
    for said in ("Not &lt;here&gt;", "Because &amp; so.", "Go there.", "/sso/?next=/a/", "ref123"):
        assert said in body


def test_it_leaves_out_what_there_is_not() -> None:
    body = refusal_page(REQUEST, Page("T", "R", "A", 400)).content.decode()

    assert "<a " not in body
    assert "Reference" not in body


def test_its_style_is_allowed_by_its_hash_and_nothing_else_inline_is() -> None:
    page = refusal_page(REQUEST, REFUSAL)
    (style,) = re.findall(r"<style>(.*?)</style>", page.content.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()

    assert f"style-src 'self' 'sha256-{digest}'" in page["Content-Security-Policy"]
    assert "unsafe" not in page["Content-Security-Policy"]


@pytest.mark.usefixtures("project_template")
def test_a_projects_own_page_is_used_where_there_is_one() -> None:
    page = refusal_page(REQUEST, REFUSAL)

    assert page.content.decode() == "OURS: Not &lt;here&gt; 403 ref123"
    assert "sha256" not in page["Content-Security-Policy"]


def test_it_is_never_kept_framed_or_sent_on() -> None:
    page = refusal_page(REQUEST, REFUSAL)

    assert page["Cache-Control"] == "no-store"
    assert page["Referrer-Policy"] in ("no-referrer", "strict-origin")
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


def test_every_refusal_has_a_status_and_a_code_of_its_own() -> None:
    kinds = HandShakeError.__subclasses__()

    assert all(400 <= kind.status < 600 for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)


def answer_through_the_middleware(**headers: str) -> Any:
    from django.http import HttpResponse

    return SecurityHeadersMiddleware(lambda request: HttpResponse(headers=headers))(REQUEST)


def test_the_middleware_protects_every_page() -> None:
    assert answer_through_the_middleware()["Content-Security-Policy"] == DEFAULT_CSP
    assert answer_through_the_middleware()["X-Content-Type-Options"] == "nosniff"


def test_it_takes_the_projects_policy_and_leaves_a_pages_own_headers(settings: Any) -> None:
    settings.CONTENT_SECURITY_POLICY = "default-src 'none'"

    page = answer_through_the_middleware(**{"Cache-Control": "max-age=60"})

    assert page["Content-Security-Policy"] == "default-src 'none'"
    assert page["Cache-Control"] == "max-age=60"
