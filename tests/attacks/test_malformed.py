"""Threat: malformed messages that crash a site, and so fill logs and hide attacks.

Source: CWE-20, CWE-755. The bounded part: by hand what a fuzzer finds first; generated
inputs are in ``tests/kit`` and ``tests/soak``.

What would make this lie: all refused at the first look. Hence some are signed rightly and
wrong inside, and stock crashes on an empty body.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE, post_back_channel
from tests.attacks.pairs import Pair, Site
from tests.support.browser import Browser

Saw = Callable[[str], None]
GARBLED: list[bytes] = [
    b"", b"\x00", b"\xff\xfe", b".", b"..", b"...", b"{}", b"[]", b"null", b"{}.a.b", b"{}.YQ.YQ",
    b"=" * 99, b"." * 999, b"{" * 9999, b"x" * 16385, "é.é.é".encode(), b'{"a":1}.' + b"A" * 99,
    b"%00", b"\r\n\r\n", b"{}.////.____", b'{"nonce":"' + b"x" * 16000 + b'"}.Zm9v.Zm9v',
]  # fmt: skip
WRONG_INSIDE: list[Any] = [
    None, 1, "text", [], {}, [1, 2], {"redirect_to": None}, {"redirect_to": {}},
    {"redirect_to": []}, {"redirect_to": "\x00"}, {"redirect_to": "\ud800"}, {"redirect_to": "http://[::1"},
    {"redirect_to": "http://x:99999/"}, {"redirect_to": "http://x:y/"}, {"redirect_to": 1e308},
    {"access_token": None}, {"access_token": ["x"]}, {"access_token": "\ud800"},
    {"access_token": ""}, {"access_token": "x", "verifier": {}},
    {"access_token": "x", "extra_data": 5},
    {"redirect_to": "http://x/", "challenge": 7},
    {"redirect_to": "http://x/", "challenge": "é" * 99},
    {"nonce": {"a": []}}, {"nonce": None}, {"access_token": "x" * 9000},
]  # fmt: skip
CLIENT_PATHS = ["", "authenticate/", "sso-logout/"]
ODD_KEYS = ["", "unknown", "x" * 65, "%00", "' OR 1=1 --", "é"]
ODD_TOKENS = [
    "", "x", "\x00", "\ud7ff", "a" * 5000, "a:b:c", "WzFd:1vX:abc", "%", "../..", "é", "[]", ":",
    "::", ".", "..", "...", "'", "\n", "YQ.YQ.YQ", "eyJh.IjEi.x",
]  # fmt: skip


def is_refused(status: int, text: str) -> bool:
    """A 4xx that gives a reason in words."""
    return 400 <= status < 500 and " " in text.strip()


@pytest.mark.threat("malformed-message")
@pytest.mark.parametrize("path", ["request-token/", "verify/"])
def test_garbled_back_channel_messages_are_refused_with_a_reason(
    kit: Pair, path: str, saw: Saw
) -> None:
    public, _ = kit.keys("other")

    answers = {body: post_back_channel(kit, path, public, body) for body in GARBLED}

    assert {body: a for body, a in answers.items() if not is_refused(a.status, a.text)} == {}
    saw("4xx with a reason")


@pytest.mark.threat("malformed-message")
@pytest.mark.parametrize("kind", ["request-token", "verify"])
def test_signed_messages_that_are_wrong_inside_are_refused_with_a_reason(
    kit: Pair, kind: str
) -> None:
    public, private = kit.keys("other")

    for payload in WRONG_INSIDE:
        body = by_hand.write(private, by_hand.SALTS[kind, "ask"], payload)
        answer = post_back_channel(kit, f"{kind}/", public, body)
        assert is_refused(answer.status, answer.text), payload


@pytest.mark.threat("malformed-message")
@pytest.mark.parametrize("stamp", ["", "null", '"1"', "1e999", "NaN", "-1", "9" * 400, "[0]"])
def test_an_odd_time_in_a_signed_message_is_refused(kit: Pair, stamp: str) -> None:
    public, private = kit.keys("other")
    salt = by_hand.SALTS["verify", "ask"]
    signed = f'{{"nonce":"n","iat":{stamp}}}'.encode()
    body = signed + b"." + by_hand.KIT.signature(private, salt, signed)

    answer = post_back_channel(kit, "verify/", public, body)

    assert is_refused(answer.status, answer.text)


@pytest.mark.threat("malformed-message")
@pytest.mark.parametrize("key", ODD_KEYS)
def test_an_odd_public_key_is_refused(kit: Pair, key: str) -> None:
    answer = post_back_channel(kit, "verify/", key.encode().decode("latin-1"), "{}")

    assert is_refused(answer.status, answer.text)


@pytest.mark.threat("malformed-message")
@pytest.mark.parametrize("value", ODD_TOKENS)
def test_odd_tokens_in_addresses_get_a_page_with_a_reason(kit: Pair, value: str) -> None:
    browser = acts.sign_in_at_server(kit, ALICE)
    places = {
        "token": f"{kit.server.url}/sso/authorize/?state=x",
        "access_token": f"{kit.client.url}/sso/authenticate/?state=x",
        "state": f"{kit.client.url}/sso/authenticate/?access_token=x",
    }

    for name, url in places.items():
        page = browser.get(acts.with_parameter(url, name, value))
        assert is_refused(page.status, page.body), name


@pytest.mark.threat("malformed-message")
def test_an_odd_hand_shake_cookie_is_no_hand_shake(kit: Pair) -> None:
    alices = Browser()
    link = acts.access_link(kit, ALICE, alices)
    (name,) = [name for name, _ in alices.cookies[kit.client.host] if "sso_handshake_" in name]

    for value in ["x", ":", "é", base64.b64encode(b"[1,2,3]").decode() + ":1:x", "a" * 3000]:
        browser = Browser(
            cookies={kit.client.host: {(name, "/"): value.encode().decode("latin-1")}}
        )
        page = browser.get(link)
        assert page.status == 403
        assert acts.who(browser, kit.client) == ""


@pytest.mark.threat("malformed-message")
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD", "TRACE", "NONSENSE"])
def test_odd_methods_are_refused(kit: Pair, method: str) -> None:
    for path in ("request-token/", "verify/"):
        assert status_of(method, kit.server, path) == 405
    for site, path in [(kit.server, "authorize/"), *((kit.client, p) for p in CLIENT_PATHS)]:
        assert status_of(method, site, path) in (403, 405)  # 403: Django's CSRF check came first


def status_of(method: str, site: Site, path: str) -> int:
    with closing(HTTPConnection("127.0.0.1", site.role.port, timeout=10)) as connection:
        connection.request(method, f"/sso/{path}", headers={"Host": site.host})
        return connection.getresponse().status


@pytest.mark.control("malformed-message", "stock")
def test_stock_crashes_on_an_empty_body(stock: Pair, saw: Saw) -> None:
    public, _ = stock.keys("other")

    assert post_back_channel(stock, "verify/", public, b"").status == 500
    assert Browser().get(f"{stock.client.url}/sso/authenticate/").status == 500
    saw("an empty body, or an address without a token, is a crash (500)")
