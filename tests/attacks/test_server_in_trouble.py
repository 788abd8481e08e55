"""Threat: an identity server that is down, slow or odd takes the apps down with it.

Source: CWE-400; RFC 9110, 15.6.4 (503 and Retry-After). Defences: a deadline for each
answer (``sso_kit/back_channel/deadline.py``), few calls at once and none after a failure
(``sso_kit/back_channel/channel.py``).

What would make this lie: a call that is never made, as the last one failed. Hence the odd
server counts its calls; and time-outs for each piece would not do, so it drips.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from lab.machine import waiting
from tests.attacks.odd_server import ANSWERS, TROUBLES, OddServer
from tests.attacks.pairs import Pair, Site
from tests.support.browser import Browser, Page

Saw = Callable[[str], None]
BUDGET = 1.0 + 0.6 + 0.6  # seconds: to connect, to read, and for this machine
CROWD = 12  # three times as many as the client has threads


def call(site: Site, server: OddServer) -> tuple[Page, float]:
    """A log-in that really asks the odd server, and the seconds it took."""
    calls, taken = server.calls, 0.0
    page = Browser().get(f"{site.url}/")

    def asked() -> bool:
        nonlocal page, taken
        begun = time.monotonic()
        page = Browser().get(f"{site.url}/in/?a=1")
        taken = time.monotonic() - begun
        return server.calls > calls or server.trouble == "refuse"

    assert waiting.until(asked, seconds=5)
    return page, taken


@pytest.mark.threat("server-in-trouble")
@pytest.mark.parametrize("trouble", ["refuse", *TROUBLES, *ANSWERS])
def test_the_client_answers_within_its_budget_with_a_link_to_try_again(
    kit: Pair, faulty: OddServer, trouble: str, saw: Saw
) -> None:
    site = kit.further("faulty")
    with faulty.doing(trouble):
        page, seconds = call(site, faulty)

    assert seconds < BUDGET
    assert page.status in (400, 503)
    assert "Sign in again" in page.body
    assert "/sso/?next=" in page.body
    saw("an explanation with a link, within the budget")


@pytest.mark.threat("server-in-trouble")
@pytest.mark.parametrize("trouble", ["refuse", *TROUBLES, "garbage", "nothing", "500", "502"])
def test_no_usable_answer_is_a_503_with_retry_after(
    kit: Pair, faulty: OddServer, trouble: str
) -> None:
    site = kit.further("faulty")
    with faulty.doing(trouble):
        page, _ = call(site, faulty)

    assert page.status == 503
    assert page.headers["retry-after"] == "5"


@pytest.mark.threat("workers-pile-up")
@pytest.mark.parametrize("trouble", ["hang", "drip a header"])
def test_other_pages_answer_within_a_second_while_a_crowd_wants_to_log_in(
    kit: Pair, faulty: OddServer, trouble: str, saw: Saw
) -> None:
    site = kit.further("faulty")
    with faulty.doing(trouble), ThreadPoolExecutor(CROWD) as pool:
        over = Event()
        crowd = [pool.submit(keep_visiting, f"{site.url}/in/", over) for _ in range(CROWD)]
        asked = waiting.until(lambda: faulty.calls > 0, seconds=5)

        seconds = [seconds_for(f"{site.url}/") for _ in range(10)]
        over.set()
        statuses = set().union(*(visit.result() for visit in crowd))

    assert asked
    assert max(seconds) < 1
    assert statuses == {503}
    saw("other pages answer within a second")


def keep_visiting(url: str, over: Event) -> set[int]:
    """The statuses that somebody gets who doesn't give up."""
    browser, statuses = Browser(), set()
    while not over.is_set():
        statuses.add(browser.get(url).status)
    return statuses


def seconds_for(url: str) -> float:
    begun = time.monotonic()
    assert Browser(timeout=10).get(url).status == 200
    return time.monotonic() - begun


@pytest.mark.control("workers-pile-up", "stock")
def test_stock_answers_nobody_while_a_few_want_to_log_in(
    stock: Pair, stock_faulty: OddServer, saw: Saw
) -> None:
    site = stock.further("faulty")
    with stock_faulty.doing("hang"), ThreadPoolExecutor(4) as pool:
        for _ in range(4):  # as many as it has threads
            pool.submit(Browser(timeout=3).get, f"{site.url}/sso/")
        assert waiting.until(lambda: stock_faulty.calls == 4, seconds=5)

        with pytest.raises(TimeoutError):
            Browser(timeout=1).get(f"{site.url}/")
    saw("no page answers")


@pytest.mark.control("server-in-trouble", "stock")
def test_stock_crashes_on_a_server_that_is_down(
    stock: Pair, stock_faulty: OddServer, saw: Saw
) -> None:
    site = stock.further("faulty")
    with stock_faulty.doing("refuse"):
        page = Browser().get(f"{site.url}/sso/")

    assert page.status == 500
    saw("a crash (500), or no answer at all where the server hangs")
