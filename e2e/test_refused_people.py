"""People who may not enter are told so, clearly, and where they can go instead.

Why here: the refusal happens at the server, for an app, in the middle of a redirect chain.

What would make it lie: a refusal for another reason, such as an unknown password; hence
the texts and the way to the other app.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import actions, checks
from e2e.hops import Hops
from lab import table
from tests.support.instance import Instance


def test_deactivated_person_is_told_why(page: Page, hops: Hops, lab: Instance) -> None:
    actions.open_app(page, lab, "client-a")

    actions.send_log_in_form(page, "dave", table.load().person("dave").password)

    expect(page.get_by_role("heading", level=1)).to_have_text("This account is deactivated")
    assert hops.all[-1].status == 403
    actions.open_app(page, lab, "client-a")
    checks.assert_password_asked(page, lab)


def test_deactivated_person_can_be_followed_by_somebody_else(page: Page, lab: Instance) -> None:
    actions.open_app(page, lab, "client-a")
    actions.send_log_in_form(page, "dave", table.load().person("dave").password)

    page.get_by_role("link", name="Sign in as somebody else").click()
    actions.send_log_in_form(page, "bob", table.load().person("bob").password)

    page.wait_for_url(f"{lab.url('server')}/")
    checks.assert_signed_in_as(page, "bob")


def test_carol_uses_notes_and_is_refused_by_helpdesk(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "carol")
    checks.assert_signed_in_as(page, "carol")

    actions.open_app(page, lab, "client-b")

    assert hops.steps[-1] == "GET sso.localhost/sso/authorize/ 403"
    expect(page.get_by_role("heading", level=1)).to_have_text("You may not enter this app")
    expect(page.get_by_role("main")).to_contain_text("carol may not enter Helpdesk")
    checks.assert_no_password_asked(page)


def test_refused_person_finds_the_way_back(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "carol")
    actions.open_app(page, lab, "client-b")

    page.get_by_role("link", name="Back to the app").click()

    page.wait_for_url(f"{lab.url('client-b')}/")
    checks.assert_signed_out(page)
    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "carol")
