"""What people do, and what is seen of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.interop.tutorial import Project
from tests.support.browser import Browser, Page

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
    assert page.password_fields == 1, (page.status, page.url, page.body[-3000:])
    form = browser.submit(page, {"username": name, "password": PASSWORDS[name]})
    hops = (*page.hops, *form.hops)
    return Page(form.url, form.status, form.headers, form.body, hops)


def arrived(browser: Browser, page: Page) -> Arrived:
    assert page.status == 200, (page.status, page.url, page.body[-6000:])
    parts = urlsplit(page.url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    return Arrived(json.loads(page.body), path, is_ours(page), page, browser)


def is_ours(page: Page) -> bool:
    return any("state=" in hop.url for hop in page.hops)
