"""Signed in on one app, a person opens the other and is in.

Why here: only a browser has the three sites' cookies, follows every redirect as people's
browsers do and applies the sites' CSP and SameSite rules to them.

What would make it lie: a session that the second app already had (hence the exact list of
hops), or a server that lets anybody in (hence the controls in test_control.py).
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from e2e import actions, checks
from e2e.hops import Hops
from tests.support.instance import Instance

BOTH_WAYS = [("client-a", "client-b"), ("client-b", "client-a")]


@pytest.mark.parametrize(("first", "second"), BOTH_WAYS)
def test_second_app_lets_in_without_a_question(
    page: Page, hops: Hops, lab: Instance, first: str, second: str
) -> None:
    actions.sign_in(page, lab, first, "bob")
    hops.clear()

    actions.open_app(page, lab, second)

    checks.assert_silent(page, hops, second)
    checks.assert_signed_in_as(page, "bob")


@pytest.mark.parametrize("client", ["client-a", "client-b"])
def test_first_app_asks_once_and_at_the_server(
    page: Page, hops: Hops, lab: Instance, client: str
) -> None:
    actions.sign_in(page, lab, client, "bob")

    assert hops.steps == checks.hops_to_the_form(client) + checks.hops_after_the_form(client)
    checks.assert_signed_in_as(page, "bob")


def test_coming_back_takes_no_hand_shake(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")
    hops.clear()

    actions.open_app(page, lab, "client-a")
    actions.open_app(page, lab, "client-b")

    assert hops.steps == ["GET app-a.localhost/notes/ 200", "GET app-b.localhost/tickets/ 200"]
