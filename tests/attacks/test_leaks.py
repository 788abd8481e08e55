"""Threat: tokens and keys in logs, pages, referrers, caches and frames.

Source: RFC 9700, 4.2 (credential leakage) and 4.16 (clickjacking); CWE-532, CWE-209.
Defences: ``sso_kit/contrib`` (headers, logs, reporting) and ``keys.Key``.
What nginx logs is tested with the whole lab, in ``e2e``.

What would make this lie: logs without a log-in in them, and error pages without a key in
reach. Hence each log must tell of the log-in, and stock's error page shows its key.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.attacks import acts, by_hand
from tests.attacks.acts import ALICE, MALLORY
from tests.attacks.pairs import Pair
from tests.support.browser import Browser, Page

Saw = Callable[[str], None]
TOKEN = "a-token-in-the-address-0123456789"


def secrets_of_a_log_in(pair: Pair) -> tuple[list[str], list[Page]]:
    """A log-in that works, then three that don't: all tokens, and the pages of refusals."""
    browser, thief = Browser(), Browser()
    request_link = acts.authorize_link(pair, browser)
    link = acts.access_link(pair, ALICE, browser)
    cookies = list(browser.cookies[pair.client.host].values())
    foreign = acts.access_link(pair, MALLORY)
    browser.get(link)
    pages = [
        browser.get(link),
        thief.get(foreign),
        browser.get(acts.with_parameter(request_link, "token", "x" * 60)),
        browser.get(acts.with_parameter(link, "access_token", "y" * 60)),
    ]
    links = [acts.parameter(url, "access_token") for url in (link, foreign)]
    tokens = [*links, *map(by_hand.bare_token, links), acts.parameter(request_link, "token")]
    return [*tokens, *cookies, "x" * 60, "y" * 60], pages


@pytest.mark.threat("tokens-in-logs")
def test_no_log_and_no_error_page_has_a_token_cookie_or_key(kit: Pair, saw: Saw) -> None:
    server, client = len(kit.server.log), len(kit.client.log)

    secrets, pages = secrets_of_a_log_in(kit)

    logs = [kit.server.log[server:], kit.client.log[client:]]
    assert all(ALICE in log or "access token issued" in log for log in logs)
    for secret in [*secrets, kit.client.private_key]:
        assert not any(secret in text for text in [*logs, *(page.body for page in pages)])
    assert {page.status for page in pages} == {403, 400}
    saw("none in any log or error page")


@pytest.mark.threat("tokens-in-logs")
def test_not_one_line_of_all_logs_has_a_private_key(kit: Pair) -> None:
    for site in (kit.server, kit.client):
        assert kit.client.private_key not in site.log
        assert kit.keys("other")[1] not in site.log


@pytest.mark.control("tokens-in-logs", "stock")
def test_stock_shows_the_token_on_its_error_page(stock: Pair, saw: Saw) -> None:
    token = "x" * 60

    page = Browser().get(f"{stock.client.url}/sso/authenticate/?access_token={token}")

    assert page.status == 500
    assert token in page.body
    saw("the error page shows the token")


def broken(pair: Pair, parameters: str) -> str:
    site = pair.further("debugged", DEBUG="1")
    browser = Browser(cookies={site.host: {("sso_handshake_x", "/"): "cookie-" + TOKEN}})
    page = browser.get(f"{site.url}/broken/?access_token={TOKEN}{parameters}")
    assert page.status == 500
    assert "broken on purpose" in page.body
    return page.body


@pytest.mark.threat("key-on-error-page")
@pytest.mark.parametrize("parameters", ["", "&plain"], ids=["ours", "Django's own report"])
def test_no_error_page_shows_the_private_key_even_with_debug_on(
    kit: Pair, parameters: str, saw: Saw
) -> None:
    assert kit.keys("debugged")[1] not in broken(kit, parameters)
    saw("masked")


@pytest.mark.threat("key-on-error-page")
def test_the_report_of_the_kit_shows_no_token_and_no_cookie(kit: Pair) -> None:
    assert TOKEN not in broken(kit, "")
    assert TOKEN in broken(kit, "&plain"), "Django's own shows it: so it was there to be masked"


@pytest.mark.control("key-on-error-page", "stock")
def test_stock_shows_its_private_key_to_who_opens_an_old_link(stock: Pair, saw: Saw) -> None:
    browser = Browser()
    link = acts.access_link(stock, ALICE, browser)
    then = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=10)
    stock.server.rows("UPDATE sso_server_token SET timestamp = ?", str(then))

    page = browser.get(link)

    assert page.status == 500
    assert stock.client.private_key in page.body
    saw("an old link shows the private key to the visitor")


def hand_shake_pages(pair: Pair) -> list[Page]:
    """Every kind of answer that the single sign-on's addresses give."""
    browser, fresh = acts.sign_in_at_server(pair, ALICE), acts.sign_in_at_server(pair, ALICE)
    client, server = pair.client.url, f"{pair.server.url}/sso"
    link = acts.access_link(pair, ALICE, browser)
    return [
        browser.get(f"{client}/sso/", follow=False),
        browser.get(link, follow=False),
        browser.get(link, follow=False),
        browser.get(f"{client}/sso/authenticate/", follow=False),
        browser.get(f"{client}/sso/authenticate/?error=login_required", follow=False),
        browser.get(f"{client}/sso/sso-logout/", follow=False),
        fresh.get(acts.authorize_link(pair, fresh), follow=False),
        Browser().get(acts.authorize_link(pair, Browser()), follow=False),
        browser.get(f"{server}/authorize/", follow=False),
        browser.get(f"{server}/authorize/?token=x", follow=False),
        browser.get(f"{server}/verify/", follow=False),
        browser.get(f"{server}/request-token/", follow=False),
    ]


def is_protected(page: Page) -> bool:
    headers = page.headers
    return (
        "no-store" in headers.get("cache-control", "")
        and headers.get("referrer-policy") in ("no-referrer", "strict-origin", "origin")
        and "frame-ancestors 'none'" in headers.get("content-security-policy", "")
        and headers.get("x-frame-options") == "DENY"
        and headers.get("x-content-type-options") == "nosniff"
    )


@pytest.mark.threat("leaky-headers")
def test_every_answer_forbids_caching_framing_and_telling_its_address(kit: Pair, saw: Saw) -> None:
    unprotected = [page.hops[-1].step for page in hand_shake_pages(kit) if not is_protected(page)]

    assert unprotected == []
    saw("no-store, a bare referrer, CSP and frame-ancestors on every answer")


@pytest.mark.control("leaky-headers", "stock")
def test_no_answer_of_stock_does(stock: Pair, saw: Saw) -> None:
    pages = [
        Browser().get(f"{stock.client.url}/sso/", follow=False),
        Browser().get(acts.authorize_link(stock, Browser()), follow=False),
        Browser().get(acts.access_link(stock, ALICE), follow=False),
    ]

    assert not any(is_protected(page) for page in pages)
    assert not any("no-store" in page.headers.get("cache-control", "") for page in pages)
    saw("addresses with tokens may be cached")
