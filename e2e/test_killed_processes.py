"""A killed process loses nothing: who is signed in stays so, and what is to be told is told."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from e2e import actions, checks
from e2e.test_single_log_out import sign_out_at_the_server
from tests.support.instance import Instance

ALL = ["server", "client-a", "client-b", "nginx"]


@pytest.mark.parametrize("services", [ALL[:1], ALL[1:2], ALL], ids=["server", "app", "all"])
def test_who_is_signed_in_stays_so_and_can_sign_out(
    page: Page, lab: Instance, services: list[str]
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")

    for service in services:
        lab.kill(service)
    lab.wait_ready()

    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "bob")
    sign_out_at_the_server(page, lab)
    actions.open_app(page, lab, "client-a")
    checks.assert_password_asked(page, lab)


def test_what_is_pending_is_told_by_the_next_process(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    lab.pause("client-b")
    try:
        sign_out_at_the_server(page, lab)
        said = page.url
        lab.kill("server")
    finally:
        lab.resume("client-b")
    lab.wait_ready()

    tab = page.context.new_page()
    tab.goto(said)
    pill = tab.locator(".outcomes li", has_text="Helpdesk").locator(".pill")
    expect(pill).to_have_text("Signed out", timeout=45_000)
