"""What people do, and what is seen of it."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.interop.tutorial import Project
from tests.support.browser import Browser, Page

TOLD = re.compile(r"<title>(.*?)</title>|exception_value\">(.*?)</pre>", re.DOTALL)
PASSWORDS = {"alice": "her password", "bob": "his password"}


@dataclass(frozen=True)
class Arrived:
    """Where a sign-in ended.

    Attributes:
        person: what the app's page says of whoever is signed in.
        path: the page's address, from the site's root.
        ours: whether the hand-shake was the kit's: only that is bound to the browser.
    """

    person: dict[str, Any]
    path: str
    ours: bool
    page: Page
    browser: Browser

    @property
    def seen(self) -> tuple[dict[str, Any], str]:
        """What has to be the same before and after the change."""
        return self.person, self.path


def sign_in(app: Project | str, name: str = "alice", start: str = "/?page=2") -> Arrived:
    """A new browser opens an app's closed page and fills in the server's form on the way."""
    browser, url = Browser(), app if isinstance(app, str) else app.url
    return arrived(browser, fill_in(browser, browser.get(f"{url}{start}"), name))


def fill_in(browser: Browser, page: Page, name: str = "alice") -> Page:
    assert page.password_fields == 1, gist(page)
    form = browser.submit(page, {"username": name, "password": PASSWORDS[name]})
    hops = (*page.hops, *form.hops)
    return Page(form.url, form.status, form.headers, form.body, hops)


def arrived(browser: Browser, page: Page) -> Arrived:
    assert page.status == 200, gist(page)
    parts = urlsplit(page.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Arrived(json.loads(page.body), path, is_ours(page), page, browser)


def is_ours(page: Page) -> bool:
    return any("state=" in hop.url for hop in page.hops)


def gist(page: Page) -> str:
    """What a page that nobody wanted says, in a few lines: its title, and what was raised."""
    told = [" ".join("".join(found).split()) for found in TOLD.findall(page.body)]
    steps = ", ".join(f"{hop.step} {hop.status}" for hop in page.hops)
    return f"{page.status} after {steps}: {' | '.join(told) or page.body[-1000:]}"
