"""Log-out on an app ends that app's session, at once and for good.

Why here: a cookie that is only forgotten by the browser, or a public page that silently
signs in again, looks like a log-out to every test of one site.

What would make it lie: the browser dropping a cookie that the app would still take, hence
the old cookie is put back.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from e2e import accessibility, actions, checks
from e2e.hops import Hops
from tests.support.instance import Instance

SIGNED_OUT = "/sso/sso-signed-out/"


def test_log_out_ends_the_apps_session(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    hops.clear()

    actions.sign_out(page)

    page.wait_for_url(lab.url("client-a") + SIGNED_OUT)
    checks.assert_signed_out(page)
    assert hops.steps == [
        "POST app-a.localhost/sso/sso-logout/ 302",
        "GET app-a.localhost/sso/sso-signed-out/ 200",
    ]


def test_the_page_says_that_the_servers_session_goes_on_and_ends_it_too(
    page: Page, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.sign_out(page)
    expect(page.get_by_text("while it knows this browser")).to_be_visible()
    assert accessibility.faults(page) == []

    page.get_by_role("link", name="Sign out there too").click()
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{lab.url('server')}/sso/signed-out/**")

    actions.open_app(page, lab, "client-a")
    checks.assert_password_asked(page, lab)


def test_public_page_does_not_sign_in_again(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.sign_out(page)
    page.wait_for_url(lab.url("client-a") + SIGNED_OUT)
    actions.open_page(page, lab, "client-a")
    hops.clear()

    page.reload()
    actions.open_page(page, lab, "client-a")

    assert hops.steps == ["GET app-a.localhost/ 200"] * 2
    checks.assert_signed_out(page)


def test_private_page_needs_a_new_hand_shake(page: Page, hops: Hops, lab: Instance) -> None:
    """A silent one: the identity server's own session goes on."""
    actions.sign_in(page, lab, "client-a", "bob")
    actions.sign_out(page)
    hops.clear()

    actions.open_app(page, lab, "client-a")

    checks.assert_silent(page, hops, "client-a")


def test_old_cookie_is_worth_nothing(
    page: Page, context: BrowserContext, hops: Hops, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    old = next(cookie for cookie in context.cookies() if "notes_session" in cookie["name"])
    actions.sign_out(page)
    page.wait_for_url(lab.url("client-a") + SIGNED_OUT)
    actions.forget(page, lab, "server")

    context.add_cookies([{"name": old["name"], "value": old["value"], "url": lab.url("client-a")}])
    actions.open_app(page, lab, "client-a")

    checks.assert_password_asked(page, lab)


def test_other_app_goes_on(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")

    actions.open_app(page, lab, "client-a")
    actions.sign_out(page)

    actions.open_app(page, lab, "client-b")
    checks.assert_signed_in_as(page, "bob")


def test_log_out_at_the_server_brings_the_form_back(page: Page, lab: Instance) -> None:
    actions.sign_in_at_server(page, lab, "bob")
    actions.open_page(page, lab, "server", "/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{lab.url('server')}/sso/signed-out/**")

    actions.open_app(page, lab, "client-a")

    checks.assert_password_asked(page, lab)
