"""A real Chromium that opens addresses and says what it asked for.

It runs in a thread of its own: Playwright leaves an event loop behind in the thread that
started it, which other tests would trip over.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from playwright.sync_api import Error, Page, Request, sync_playwright

from tests.attacks.pairs import Pair
from tests.support.chromium import launch_options

NOBODY_ELSE = "--host-resolver-rules=MAP *.localhost 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
MILLISECONDS = 10_000


@dataclass(frozen=True)
class Visit:
    """Every address that was requested on the way, and the last one in the address bar."""

    requested: tuple[str, ...]
    ended_at: str


def visit(pair: Pair, person: str, urls: list[str]) -> list[Visit]:
    """Log a person in at the server, then open the addresses one after the other."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_visit, pair, person, urls).result()


def _visit(pair: Pair, person: str, urls: list[str]) -> list[Visit]:
    with sync_playwright() as playwright:
        options = launch_options()
        options["args"].append(NOBODY_ELSE)
        browser = playwright.chromium.launch(**options)
        page = browser.new_page()
        page.set_default_timeout(MILLISECONDS)
        _sign_in(page, f"{pair.server.url}/login/?next=/", person)
        visits = [_open(page, url) for url in urls]
        browser.close()
    return visits


def _sign_in(page: Page, url: str, person: str) -> None:
    page.goto(url)
    page.fill("[name=username]", person)
    page.fill("[name=password]", person)
    page.click("button")


def _open(page: Page, url: str) -> Visit:
    requested: list[str] = []

    def note(request: Request) -> None:
        requested.append(request.url)

    page.on("request", note)
    with suppress(Error):  # a stranger's host doesn't answer here
        page.goto(url, wait_until="commit")
    page.remove_listener("request", note)
    return Visit(tuple(requested), page.url)
