"""Who goes on: a fresh log-in, the account that is there, or another one; for all apps, or one.

The three flows of dj-sso-client's demo, and the box "keep me signed in".

What would make it lie: a form that is shown and does nothing, hence who is signed in where.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import accessibility, actions, checks
from e2e.hops import Hops
from lab import table
from tests.support.instance import Instance

NOTES = "/sso/?next=/notes/"


def log_in(page: Page, username: str, *, keep: bool = True) -> None:
    box = page.get_by_label("Keep me signed in for other apps")
    if not keep:
        box.uncheck()
    actions.send_log_in_form(page, username, table.load().person(username).password)


def test_a_fresh_log_in_can_be_asked_for(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")

    actions.open_page(page, lab, "client-a", f"{NOTES}&prompt=login")

    checks.assert_password_asked(page, lab)
    log_in(page, "bob")
    page.wait_for_url(f"{lab.url('client-a')}/notes/")
    checks.assert_signed_in_as(page, "bob")
    actions.open_app(page, lab, "client-b")  # the same person: nothing has ended
    checks.assert_signed_in_as(page, "bob")


def test_going_on_with_the_account_that_is_there(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in_at_server(page, lab, "bob")
    hops.clear()
    actions.open_page(page, lab, "client-a", f"{NOTES}&prompt=select_account")
    assert accessibility.faults(page) == []
    checks.assert_no_password_asked(page)

    page.get_by_role("button", name="Continue as bob").click()

    page.wait_for_url(f"{lab.url('client-a')}/notes/")
    checks.assert_signed_in_as(page, "bob")
    assert "POST sso.localhost/sso/authorize/ 302" in hops.steps


def test_switching_to_another_account(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    actions.open_page(page, lab, "client-a", f"{NOTES}&prompt=select_account")

    page.get_by_role("link", name="Use another account").click()
    log_in(page, "alice")

    page.wait_for_url(f"{lab.url('client-a')}/notes/")
    checks.assert_signed_in_as(page, "alice")
    actions.open_app(page, lab, "client-b")  # bob is signed in nowhere any more
    checks.assert_signed_in_as(page, "alice")


def test_a_log_in_for_one_app_leaves_a_signed_out_server_signed_out(
    page: Page, lab: Instance
) -> None:
    actions.open_app(page, lab, "client-a")
    log_in(page, "bob", keep=False)
    page.wait_for_url(f"{lab.url('client-a')}/notes/")
    checks.assert_signed_in_as(page, "bob")

    actions.open_app(page, lab, "client-b")

    checks.assert_password_asked(page, lab)


def test_a_log_in_for_one_app_leaves_alice_alice(page: Page, lab: Instance) -> None:
    actions.sign_in_at_server(page, lab, "alice")
    actions.open_page(page, lab, "client-a", f"{NOTES}&prompt=login")
    log_in(page, "bob", keep=False)
    page.wait_for_url(f"{lab.url('client-a')}/notes/")
    checks.assert_signed_in_as(page, "bob")

    actions.open_page(page, lab, "server")
    checks.assert_signed_in_as(page, "alice")
    actions.open_app(page, lab, "client-b")
    checks.assert_signed_in_as(page, "alice")
    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "bob")


def test_who_comes_alone_is_offered_no_such_box(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "server", "/accounts/login/")

    expect(page.get_by_label("Keep me signed in for other apps")).to_have_count(0)


def test_a_silent_question_shows_nothing_where_somebody_is_to_choose(
    page: Page, hops: Hops, lab: Instance
) -> None:
    """The server's own wish, as an administrator sets it, comes before an app's silence."""
    actions.sign_in_at_server(page, lab, "bob")
    set_prompt(lab, "select_account")
    try:
        actions.open_page(page, lab, "client-a")
        checks.assert_signed_out(page)
        actions.open_app(page, lab, "client-a")
        expect(page.get_by_role("button", name="Continue as bob")).to_be_visible()
    finally:
        set_prompt(lab, "")


def set_prompt(lab: Instance, prompt: str) -> None:
    code = (
        "from sso_kit.server.models import ConsumerPolicy; "
        f"ConsumerPolicy.objects.filter(consumer__name='Notes').update(prompt='{prompt}')"
    )
    lab.manage("server", "shell", "-c", code)
