"""Odd requests get a clear 4xx: never a 500, never a hang, and a line in the log.

Why here: each of nginx, gunicorn, Django and the kit refuses some of them, and what one
lets through the next must stand.

What would make it lie: being refused for another reason than the one meant, hence the
texts where the status is common.
"""

from __future__ import annotations

import secrets
from urllib.parse import quote

import pytest

from e2e import plain
from lab import table
from lab.machine import waiting
from tests.support.browser import Browser
from tests.support.instance import Instance

SITES = [site.name for site in table.load().sites]
CLIENTS = [site.name for site in table.load().clients]
HUGE = b"x" * 300_000  # nginx takes 256 KiB
LARGE = b"x" * 20_000  # a signed message has 16 KiB at most

EXPIRED_REQUEST_TOKEN = """
import time
from unittest import mock
from sso_kit.server.models import ConsumerPolicy
from sso_kit.server.request_tokens import RequestToken
policy = ConsumerPolicy.objects.select_related("consumer").get(consumer__name="Notes")
with mock.patch("time.time", return_value=time.time() - 3600):
    address = policy.origins[0] + "/sso/authenticate/"
    token = RequestToken(policy.consumer_id, "", address, "c" * 43, False, "s")
    print("TOKEN", token.sign())
"""
AGE_ACCESS_TOKENS = """
from datetime import timedelta
from django.db.models import F
from sso_kit.server.models import AccessToken
AccessToken.objects.filter(used=None).update(issued=F("issued") - timedelta(minutes=5))
"""

FRONT_CHANNEL = [
    ("client-a", "/sso/authenticate/", 400, "lacks the access token"),
    ("client-a", "/sso/authenticate/?access_token=", 400, "lacks the access token"),
    ("client-a", "/sso/authenticate/?access_token=garbage", 400, "damaged"),
    ("client-b", "/sso/authenticate/?access_token=a.b.c&state=d", 400, "damaged"),
    ("client-a", "/sso/authenticate/?access_token=%00%ff&state=%00", 400, "damaged"),
    ("client-a", f"/sso/authenticate/?access_token={'x' * 2000}", 400, "lacks the access token"),
    ("server", "/sso/authorize/", 400, "lacks the request token"),
    ("server", "/sso/authorize/?token=", 400, "lacks the request token"),
    ("server", "/sso/authorize/?token=garbage", 400, "damaged"),
    ("server", "/sso/authorize/?token=%F0%9F%92%A9%00", 400, "damaged"),
    ("server", f"/sso/authorize/?token={'x' * 6000}", 400, "lacks the request token"),
    ("client-a", f"/{'x' * 9000}", 414, "can't be read"),
    ("client-a", "/%00", 400, "can't be read"),
    ("client-b", "/%ff%fe", 404, "Nothing to see"),
]
BACK_CHANNEL = [
    (b"", {}, 400, "x-services-public-key is missing"),
    (b"", {"X-Services-Public-Key": "nobody"}, 400, "No consumer has this public key"),
    (b"{}", {"X-Services-Public-Key": "n" * 5000}, 400, "No consumer has this public key"),
    (b"\xff\xfe", {"X-Services-Public-Key": "caf\xe9"}, 400, "No consumer has this public key"),
    (LARGE, {"X-Services-Public-Key": "nobody"}, 400, "longer than"),
    (HUGE, {"X-Services-Public-Key": "nobody"}, 413, "too much"),
]
WRONG_METHODS = [
    ("client-a", "/sso/", "DELETE"),
    ("client-a", "/sso/authenticate/", "HEAD"),
    ("client-a", "/sso/sso-logout/", "GET"),
    ("client-b", "/", "PATCH"),
    ("server", "/sso/authorize/", "HEAD"),
    ("server", "/sso/request-token/", "GET"),
    ("server", "/sso/verify/", "PUT"),
    ("server", "/profile/", "DELETE"),
]
ODD_FOR_BOB = [
    ("client-a", "/notes/99999999999999999999999999/", 404),
    ("client-a", "/notes/?page=99999999999999999999", 200),
    ("client-a", "/notes/?page=-1&q=%00", 200),
    ("client-a", f"/notes/?q={'x' * 5000}", 200),
    ("client-b", "/tickets/99999999999999999999999999/", 404),
    ("client-b", "/tickets/?status=nonsense&page=x", 200),
    ("client-b", "/tickets/1/status/", 405),
]


@pytest.mark.parametrize(("site", "path", "status", "text"), FRONT_CHANNEL)
def test_bad_link_is_explained(lab: Instance, site: str, path: str, status: int, text: str) -> None:
    answer = plain.send(lab, site, path)

    assert (answer.status, "<h1" in answer.text) == (status, True)
    assert text in answer.text.replace("&#x27;", "'")


@pytest.mark.parametrize("path", ["/sso/request-token/", "/sso/verify/"])
@pytest.mark.parametrize(("body", "headers", "status", "text"), BACK_CHANNEL)
def test_bad_message_is_refused(
    lab: Instance, path: str, body: bytes, headers: dict[str, str], status: int, text: str
) -> None:
    answer = plain.send(lab, "server", path, method="POST", body=body, headers=headers)

    assert answer.status == status
    assert text in answer.text


@pytest.mark.parametrize(("site", "path", "method"), WRONG_METHODS)
def test_wrong_method_is_refused(lab: Instance, site: str, path: str, method: str) -> None:
    assert plain.send(lab, site, path, method=method).status in (403, 405)


@pytest.mark.parametrize("site", ["server", *CLIENTS])
def test_form_from_elsewhere_is_refused(lab: Instance, site: str) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://evil.example"}

    path = "/accounts/login/" if site == "server" else "/sso/sso-logout/"
    answer = plain.send(lab, site, path, method="POST", body=b"login=x", headers=headers)

    assert answer.status == 403
    assert "This form has gone stale" in answer.text


@pytest.mark.parametrize("site", SITES)
def test_huge_form_is_refused_by_nginx(lab: Instance, site: str) -> None:
    answer = plain.send(lab, site, "/", method="POST", body=HUGE)

    assert (answer.status, "too much" in answer.text) == (413, True)


def test_signed_in_person_asks_oddly(lab: Instance) -> None:
    browser = plain.signed_in(lab, "client-a", "/notes/", "bob")
    browser.get(lab.url("client-b") + "/tickets/")

    seen = [browser.get(lab.url(site) + path).status for site, path, _ in ODD_FOR_BOB]

    assert seen == [status for _, _, status in ODD_FOR_BOB]


def test_expired_request_token_is_explained(lab: Instance) -> None:
    printed = lab.manage("server", "shell", "-c", EXPIRED_REQUEST_TOKEN)
    token = quote(printed.split("TOKEN ")[1].strip())

    answer = plain.send(lab, "server", f"/sso/authorize/?token={token}")

    assert answer.status == 403
    assert "begun too long ago" in answer.text
    assert f'href="{lab.url("client-a")}/"' in answer.text


def test_expired_access_token_is_explained_with_a_way_on(lab: Instance) -> None:
    browser, return_address = _stop_before_the_token_is_used(lab)
    lab.manage("server", "shell", "-c", AGE_ACCESS_TOKENS)

    page = browser.get(return_address)

    assert (page.status, "too old" in page.body) == (403, True)
    assert 'href="/sso/?next=%2Ftickets%2F' in page.body


def test_access_token_is_taken_once(lab: Instance) -> None:
    browser, return_address = _stop_before_the_token_is_used(lab)
    assert browser.get(return_address).url.endswith("/tickets/")

    page = browser.get(return_address)

    assert (page.status, "has been used already" in page.body) == (403, True)


def test_refusal_page_names_its_line_in_the_log(lab: Instance) -> None:
    reference = secrets.token_hex(5)
    path = f"/sso/authenticate/?access_token=garbage&state={reference}"

    answer = plain.send(lab, "client-a", path)

    assert f"<code>{reference}</code>" in answer.text
    assert waiting.until(lambda: reference in lab.log("client-a"), 5)
    lines = [line for line in lab.log("client-a").splitlines() if reference in line]
    assert len(lines) == 1
    assert '"hand-shake refused"' in lines[0]


def _stop_before_the_token_is_used(lab: Instance) -> tuple[Browser, str]:
    """A browser on its way into Helpdesk, and the address that it is sent to last."""
    browser = plain.signed_in(lab, "client-a", "/notes/", "bob")
    authorize = browser.get(lab.url("client-b") + "/tickets/", follow=False).location
    return browser, browser.get(authorize, follow=False).location
