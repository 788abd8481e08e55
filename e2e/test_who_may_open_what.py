"""The whole table: each person, each page, and the status that they get.

Why here: one rule too few in any of the three sites shows as one wrong number. A simple
browser will do: no script or style is asked.

What would make it lie: a person who isn't signed in at all, hence the pages that they may
open are in each row.
"""

from __future__ import annotations

import pytest

from e2e import plain
from tests.support.browser import Browser
from tests.support.instance import Instance

PAGES = [
    ("client-a", "/notes/"),
    ("client-b", "/tickets/"),
    ("server", "/profile/"),
    ("server", "/consumers/"),
    ("server", "/admin/"),
]
#          notes tickets profile consumers admin
STATUSES = {
    "alice": (200, 200, 200, 200, 403),
    "bob": (200, 200, 200, 200, 403),
    "carol": (200, 403, 200, 200, 403),
    "admin": (200, 200, 200, 200, 200),
}


@pytest.mark.parametrize("username", STATUSES)
def test_person_opens_what_is_theirs(lab: Instance, username: str) -> None:
    browser = plain.signed_in(lab, "server", "/profile/", username)

    seen = tuple(browser.get(lab.url(site) + path).status for site, path in PAGES)

    assert seen == STATUSES[username]


@pytest.mark.parametrize(("site", "path"), PAGES)
def test_stranger_gets_the_form(lab: Instance, site: str, path: str) -> None:
    page = Browser().get(lab.url(site) + path)

    assert page.url.startswith(f"{lab.url('server')}/accounts/login/")
    assert page.password_fields == 1
