"""The whole table: each person, each page, and the status that they get.

Why here: one rule too few in any of the three sites shows as one wrong number.

What would make it lie: a person who isn't signed in at all, hence the pages that they may
open are in each row.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from e2e import actions
from lab.instance import Instance

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
def test_person_opens_what_is_theirs(page: Page, lab: Instance, username: str) -> None:
    actions.sign_in_at_server(page, lab, username)

    seen = tuple(actions.open_page(page, lab, *address).status for address in PAGES)

    assert seen == STATUSES[username]


@pytest.mark.parametrize(("site", "path"), PAGES)
def test_stranger_gets_the_form(page: Page, lab: Instance, site: str, path: str) -> None:
    actions.open_page(page, lab, site, path)

    assert page.url.startswith(f"{lab.url('server')}/accounts/login/")
