"""Threat: a hand-shake whose answer is lost, since the worker that had it died.

The tap passes the question on, so that the token is spent, and closes the connection.

Source: RFC 9110, 9.2.2 (what may be sent again). Defence: ``TokenSpent`` of
``sso_kit/server/grants.py`` and ``AuthenticateView`` of ``sso_kit/client/views.py``.

What would make this lie: an answer that is lost before the token is spent. Hence the tap
counts what the server said.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.machine import waiting
from tests.attacks import acts
from tests.attacks.acts import ALICE
from tests.attacks.pairs import Pair
from tests.attacks.tap import Exchange
from tests.support.browser import Browser, Page

Saw = Callable[[str], None]


class Cutter:
    """Loses the first so many answers about an access token."""

    def __init__(self, times: int) -> None:
        self.left, self.lost = times, list[int]()

    def __call__(self, exchange: Exchange) -> str | None:
        if "verify" not in exchange.path or not self.left:
            return exchange.answer
        self.left -= 1
        self.lost.append(exchange.status)
        return None


def sign_in_while(pair: Pair, cutter: Cutter) -> tuple[Browser, Page]:
    browser = acts.sign_in_at_server(pair, ALICE)
    with pair.tap.answering(cutter):
        return browser, browser.get(f"{pair.tapped.url}/in/?a=1")


@pytest.mark.threat("cut-in-the-middle")
def test_it_begins_again_and_ends_where_it_was_to_end(kit: Pair, saw: Saw) -> None:
    cutter = Cutter(1)

    browser, page = sign_in_while(kit, cutter)

    assert cutter.lost == [200]
    assert (page.status, page.url) == (200, f"{kit.tapped.url}/in/?a=1")
    assert page.password_fields == 0
    assert acts.who(browser, kit.tapped) == ALICE
    saw("signed in, after one more round")


@pytest.mark.threat("cut-in-the-middle")
def test_where_nothing_helps_the_page_says_so_and_it_does_not_loop(kit: Pair) -> None:
    cutter = Cutter(100)

    browser, page = sign_in_while(kit, cutter)

    assert page.status in (403, 503)
    assert "Sign in again" in page.body
    assert len(page.hops) <= 7
    assert acts.who(browser, kit.tapped) == ""
    assert waiting.until(lambda: sign_in_while(kit, Cutter(0))[1].status == 200, seconds=5)


@pytest.mark.control("cut-in-the-middle", "stock")
def test_it_is_a_crash_on_stock(stock: Pair, saw: Saw) -> None:
    browser, page = sign_in_while(stock, Cutter(1))

    assert page.status == 500
    assert acts.who(browser, stock.tapped) == ""
    saw("a crash (500)")
