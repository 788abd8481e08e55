"""Who signs out at the server, or everywhere, is signed out of every app of that browser.

Why here: two apps, each with sessions and a database of its own, that the server has to reach.

What would make it lie: a browser that has merely lost its cookies, hence they stay where they are
and the old one is tried again; and a page of the app that needs nobody.
"""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from e2e import accessibility, actions, checks
from e2e.hops import Hops
from e2e.people import somebody
from lab.machine import waiting
from tests.support.instance import Instance

BOTH = ("client-a", "client-b")
BOUND = 75  # seconds: an app asks by itself every 60


def sign_out_at_the_server(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "server", "/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{lab.url('server')}/sso/signed-out/**")


def outcomes(page: Page) -> dict[str, str]:
    rows = page.locator(".outcomes li")
    found = [rows.nth(number) for number in range(rows.count())]
    return {row.locator("h2").inner_text(): row.locator(".pill").inner_text() for row in found}


def test_a_log_out_at_the_server_is_one_at_each_app(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "alice")
    actions.open_app(page, lab, "client-b")

    sign_out_at_the_server(page, lab)

    assert outcomes(page) == {"Helpdesk": "Signed out", "Notes": "Signed out"}
    assert accessibility.faults(page) == []
    for client in BOTH:
        actions.open_app(page, lab, client)
        checks.assert_password_asked(page, lab)


def test_everywhere_at_an_app_does_the_same(page: Page, hops: Hops, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "alice")
    actions.open_app(page, lab, "client-b")
    hops.clear()

    page.get_by_role("banner").get_by_role("button", name="Everywhere").click()

    page.wait_for_url(f"{lab.url('server')}/sso/signed-out/**")
    assert hops.steps == [
        "POST app-b.localhost/sso/sso-logout/ 302",
        "GET sso.localhost/sso/signed-out/ 200",
    ]
    assert outcomes(page) == {"Helpdesk": "Signed out", "Notes": "Signed out"}
    for client in BOTH:
        actions.open_app(page, lab, client)
        checks.assert_password_asked(page, lab)


def test_the_old_cookie_of_an_app_is_worth_nothing(
    page: Page, context: BrowserContext, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    old = next(cookie for cookie in context.cookies() if "notes_session" in cookie["name"])
    sign_out_at_the_server(page, lab)

    context.add_cookies([{"name": old["name"], "value": old["value"], "url": lab.url("client-a")}])
    actions.open_app(page, lab, "client-a")

    checks.assert_password_asked(page, lab)


def test_another_browser_of_the_same_person_goes_on(
    page: Page, other_page: Page, lab: Instance
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.sign_in(other_page, lab, "client-a", "bob")

    sign_out_at_the_server(page, lab)

    actions.open_app(other_page, lab, "client-a")
    checks.assert_signed_in_as(other_page, "bob")


def test_somebody_else_in_the_same_browser_finds_nobody(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "alice")
    actions.open_page(page, lab, "client-a", "/sso/?prompt=login&next=/notes/")
    actions.send_log_in_form(page, "bob", "bob-in-the-lab")
    page.wait_for_url(f"{lab.url('client-a')}/**")
    checks.assert_signed_in_as(page, "bob")

    actions.open_app(page, lab, "client-b")

    checks.assert_signed_in_as(page, "bob")


@pytest.mark.parametrize("trouble", ["stopped", "hanging"])
def test_an_app_in_trouble_is_named_and_is_told_when_it_is_back(
    page: Page, lab: Instance, trouble: str
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")
    (lab.stop if trouble == "stopped" else lab.pause)("client-b")
    try:
        began = time.monotonic()
        sign_out_at_the_server(page, lab)
        took = time.monotonic() - began
        assert outcomes(page) == {"Helpdesk": "Not confirmed yet", "Notes": "Signed out"}
        assert took < 5  # one that hangs keeps nobody
    finally:
        (lab.start if trouble == "stopped" else lab.resume)("client-b")

    # The page looks again by itself.
    pill = page.locator(".outcomes li", has_text="Helpdesk").locator(".pill")
    expect(pill).to_have_text("Signed out", timeout=30_000)
    actions.open_app(page, lab, "client-b")
    checks.assert_password_asked(page, lab)


def test_what_is_pending_survives_a_restart_of_the_server(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    lab.stop("client-b")
    try:
        sign_out_at_the_server(page, lab)
        said = page.url
        lab.restart_alone("server")
    finally:
        lab.start("client-b")

    tab = page.context.new_page()  # the old one is on its way to look again
    tab.goto(said)
    pill = tab.locator(".outcomes li", has_text="Helpdesk").locator(".pill")
    expect(pill).to_have_text("Signed out", timeout=45_000)


def test_a_deactivated_person_is_out_within_the_bound(page: Page, lab: Instance) -> None:
    with somebody(lab) as guest:
        guest.sign_in(page, "client-a")

        guest.change("one.is_active = False; one.save()")

        def is_out() -> bool:
            actions.open_app(page, lab, "client-a")
            return page.url.startswith(lab.url("server"))

        assert waiting.until(is_out, BOUND)


def test_who_leaves_the_required_group_is_out_of_that_app_alone(page: Page, lab: Instance) -> None:
    with somebody(lab) as guest:
        guest.sign_in(page, "client-a")
        actions.open_app(page, lab, "client-b")

        guest.change("one.groups.clear()")

        response = actions.open_app(page, lab, "client-b")
        assert response.status == 403
        expect(page.get_by_role("heading", level=1)).to_have_text("You may not enter this app")
        actions.open_app(page, lab, "client-a")
        expect(page.locator(".who-name")).to_have_text(guest.name)


@pytest.mark.parametrize(
    ("site", "path"), [("client-a", "/sso/sso-logout/"), ("server", "/accounts/logout/")]
)
def test_a_link_of_another_site_signs_nobody_out(
    page: Page, lab: Instance, site: str, path: str
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    page.goto(f"http://app-b.localhost:{lab.port}/")
    page.evaluate("url => { location.href = url }", lab.url(site) + path)
    page.wait_for_url(lab.url(site) + path)

    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "bob")


def test_a_form_of_another_site_signs_nobody_out(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    page.route("http://evil.localhost/**", lambda route: route.fulfill(body="<p>hello"))
    page.goto("http://evil.localhost/")
    page.evaluate(
        """url => {
            const form = document.createElement("form");
            form.method = "post"; form.action = url;
            form.innerHTML = '<input name="everywhere" value="1">';
            document.body.append(form); form.submit();
        }""",
        f"{lab.url('client-a')}/sso/sso-logout/",
    )
    page.wait_for_url(f"{lab.url('client-a')}/**")

    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "bob")
