"""The controls: where nobody is known, the form does appear.

Why here: a lab that lets everybody in would pass every test of silence.

What would make it lie: the form coming from the browser's cache, hence the exact hops.
"""

from __future__ import annotations

from playwright.sync_api import Page

from e2e import actions, checks
from e2e.hops import Hops
from tests.support.instance import Instance


def test_form_appears_when_the_server_has_forgotten_the_browser(
    page: Page, hops: Hops, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.forget(page, lab, "server")
    hops.clear()

    actions.open_app(page, lab, "client-b")

    assert hops.steps == checks.hops_to_the_form("client-b")
    checks.assert_password_asked(page, lab)


def test_silence_needs_the_servers_cookie_only(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.forget(page, lab, "client-a")
    hops.clear()

    actions.open_app(page, lab, "client-a")

    checks.assert_silent(page, hops, "client-a")


def test_two_browsers_share_nothing(page: Page, other_page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")

    for client in ("client-a", "client-b"):
        actions.open_app(other_page, lab, client)
        checks.assert_password_asked(other_page, lab)

    actions.sign_in(other_page, lab, "client-a", "carol")
    checks.assert_signed_in_as(other_page, "carol")
    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "bob")
