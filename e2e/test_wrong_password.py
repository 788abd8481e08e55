"""A wrong password is explained, and the way on isn't lost.

Why here: the second try must still know which app asked and where the person was going.

What would make it lie: a limit of attempts met by earlier runs, hence an account name of
its own for each failure.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import actions, checks
from lab import table
from tests.support.instance import Instance


def test_second_try_arrives_where_the_first_was_going(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "client-a", "/notes/?q=second+try")
    actions.send_log_in_form(page, actions.unique("nobody"), "not the password")

    expect(page.get_by_role("alert")).to_contain_text("Not signed in.")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notes asks you to sign in")

    actions.send_log_in_form(page, "bob", table.load().person("bob").password)
    page.wait_for_url(f"{lab.url('client-a')}/notes/?q=second+try")
    checks.assert_signed_in_as(page, "bob")


def test_password_is_not_shown_again(page: Page, lab: Instance) -> None:
    actions.open_app(page, lab, "client-a")

    actions.send_log_in_form(page, actions.unique("nobody"), "a secret typed by mistake")

    page.get_by_role("alert").wait_for()
    assert "a secret typed by mistake" not in page.content()


def test_empty_form_says_what_is_missing(page: Page, lab: Instance) -> None:
    actions.open_app(page, lab, "client-a")

    actions.send_log_in_form(page, "", "")

    expect(page.get_by_role("alert")).to_contain_text("Please fill in what is marked below.")
    expect(page.get_by_label("User name")).to_have_attribute("aria-invalid", "true")
