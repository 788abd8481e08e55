"""A link into an app survives the log-in, its query included.

Why here: the way on passes through a cookie, two sites and a form; each could lose it.

What would make it lie: an app that lands on the same page anyway, hence odd paths.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from e2e import actions, checks
from lab import table
from tests.support.instance import Instance

LINKS = [
    ("client-a", "/notes/?q=milk+%26+honey&page=1"),
    ("client-a", "/notes/new/?from=mail"),
    ("client-b", "/tickets/?status=open&q=caf%C3%A9"),
]


@pytest.mark.parametrize(("client", "path"), LINKS)
def test_link_is_kept_through_the_form(page: Page, lab: Instance, client: str, path: str) -> None:
    actions.open_page(page, lab, client, path)
    checks.assert_password_asked(page, lab)

    actions.send_log_in_form(page, "bob", table.load().person("bob").password)

    page.wait_for_url(lab.url(client) + path)


def test_link_is_kept_through_silent_sign_on(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")

    actions.open_page(page, lab, "client-b", "/tickets/?status=open&q=caf%C3%A9")

    assert page.url == lab.url("client-b") + "/tickets/?status=open&q=caf%C3%A9"


def test_sign_in_button_leads_back_to_the_page(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "client-a", "/?colour=green&size=2")
    page.get_by_role("banner").get_by_role("link", name="Sign in").click()

    actions.send_log_in_form(page, "bob", table.load().person("bob").password)

    page.wait_for_url(lab.url("client-a") + "/?colour=green&size=2")
    checks.assert_signed_in_as(page, "bob")
