"""A public page knows who is signed in elsewhere, asks once, and never shows a form.

Why here: the question is a chain of redirects through two sites, and what stops it from
being asked again and again is a cookie.

What would make it lie: an app session from before, hence the exact list of hops.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from e2e import actions, checks
from e2e.hops import Hops
from lab import table
from tests.support.instance import Instance


def hops_of_a_question(client: str) -> list[str]:
    app, server = table.load().site(client).host, table.load().server.host
    return [
        f"GET {app}/ 302",
        f"GET {server}/sso/authorize/ 302",
        f"GET {app}/sso/authenticate/ 302",
        f"GET {app}/ 200",
    ]


@pytest.mark.parametrize(("first", "second"), [("client-a", "client-b"), ("client-b", "client-a")])
def test_public_page_of_the_second_app_knows_who_signed_in_on_the_first(
    page: Page, hops: Hops, lab: Instance, first: str, second: str
) -> None:
    actions.sign_in(page, lab, first, "bob")
    hops.clear()

    actions.open_page(page, lab, second)

    assert hops.steps == hops_of_a_question(second)
    checks.assert_no_password_asked(page)
    checks.assert_signed_in_as(page, "bob")


def test_guest_gets_the_page_and_is_not_asked_again(page: Page, hops: Hops, lab: Instance) -> None:
    actions.open_page(page, lab, "client-a")
    assert hops.steps == hops_of_a_question("client-a")
    hops.clear()

    page.reload()

    assert hops.steps == ["GET app-a.localhost/ 200"]
    checks.assert_no_password_asked(page)
    checks.assert_signed_out(page)


def test_guest_can_sign_in_right_after_the_question(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "client-a")

    actions.sign_in(page, lab, "client-a", "bob")

    checks.assert_signed_in_as(page, "bob")


def test_who_may_not_enter_sees_the_public_page_as_a_guest(
    page: Page, hops: Hops, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-a", "carol")
    hops.clear()

    actions.open_page(page, lab, "client-b")

    assert hops.steps == hops_of_a_question("client-b")
    checks.assert_signed_out(page)
