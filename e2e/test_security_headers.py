"""Every page carries the headers that keep it from being framed, sniffed and leaked.

Why here: nginx, WhiteNoise, Django and the kit each answer some of the requests.

What would make it lie: a page that isn't in the list; hence one of each kind of answer.
"""

from __future__ import annotations

import pytest

from e2e import plain
from lab import table
from tests.support.instance import Instance

ANSWERS = [
    ("desk", "/", 200),
    ("desk", "/inspector/", 200),
    ("desk", "/inspector/rows/", 200),
    ("desk", "/inspector/nothing-of-that-name/", 404),
    ("desk", "/protocol/", 200),
    ("client-a", "/", 200),
    ("client-a", "/notes/", 302),
    ("client-a", "/no-such-page/", 404),
    ("client-a", "/sso/authenticate/", 400),
    ("client-a", "/sso/sso-logout/", 405),
    ("client-b", "/", 200),
    ("client-b", "/tickets/", 302),
    ("client-b", "/no-such-page/", 404),
    ("client-b", "/sso/authenticate/?access_token=x&state=y", 400),
    ("server", "/", 200),
    ("server", "/accounts/login/", 200),
    ("server", "/accounts/inactive/", 403),
    ("server", "/sso/authorize/", 400),
    ("server", "/sso/verify/", 405),
    ("server", "/no-such-page/", 404),
]


@pytest.mark.parametrize(("site", "path", "status"), ANSWERS)
def test_page_is_protected(lab: Instance, site: str, path: str, status: int) -> None:
    answer = plain.send(lab, site, path)

    assert answer.status == status
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] in ("no-referrer", "strict-origin")
    assert "no-store" in answer.headers["cache-control"]
    _assert_strict(answer.headers["content-security-policy"])


def test_nginx_own_pages_are_protected_too(lab: Instance) -> None:
    """Their address may have a token in it, and their style is in the page."""
    headers = plain.send(lab, "client-a", f"/{'x' * 9000}").headers

    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "default-src 'none'" in headers["content-security-policy"]


@pytest.mark.parametrize("site", [site.name for site in table.load().sites])
def test_nothing_names_its_version(lab: Instance, site: str) -> None:
    headers = plain.send(lab, site, "/").headers

    assert headers["server"] == "nginx"
    assert "x-powered-by" not in headers


def test_static_files_may_be_cached_but_not_sniffed(lab: Instance) -> None:
    headers = plain.send(lab, "client-a", "/static/look/look.css").headers

    assert headers["x-content-type-options"] == "nosniff"
    assert "max-age" in headers["cache-control"]


def _assert_strict(policy: str) -> None:
    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    assert directives["frame-ancestors"] == "'none'"
    assert directives["base-uri"] == "'none'"
    assert directives["default-src"] in ("'self'", "'none'")
    assert "unsafe" not in policy
    assert "*" not in policy
