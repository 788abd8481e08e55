"""Each person sees their browsers and what they entered, and ends one, the others, or all.

What would make it lie: a list that is only drawn, hence the other browser is asked.
"""

from __future__ import annotations

import time

from playwright.sync_api import Page, expect

from e2e import accessibility, actions, checks
from e2e.people import somebody
from tests.support.instance import Instance


def test_one_browser_is_ended_from_another(page: Page, other_page: Page, lab: Instance) -> None:
    with somebody(lab) as guest:
        guest.sign_in(page, "client-a")
        guest.sign_in(other_page, "client-a")
        actions.open_app(other_page, lab, "client-b")
        actions.open_page(page, lab, "server", "/sessions/")
        cards = page.locator(".browsers li")
        expect(cards).to_have_count(2)
        expect(cards.nth(0)).to_contain_text("This browser")
        expect(cards.nth(1)).to_contain_text("Helpdesk, Notes")
        assert accessibility.faults(page) == []

        cards.nth(1).get_by_role("button", name="End it").click()
        ended = time.monotonic()

        expect(page.get_by_text("Helpdesk and Notes confirmed it.")).to_be_visible()
        for client in ("client-a", "client-b"):
            actions.open_app(other_page, lab, client)
            checks.assert_password_asked(other_page, lab)
        assert time.monotonic() - ended < 3  # two pages included
        actions.open_app(page, lab, "client-a")
        expect(page.locator(".who-name")).to_have_text(guest.name)
        actions.open_page(page, lab, "server", "/sessions/")
        expect(page.locator(".record li")).to_have_count(2)
        expect(page.locator(".record li").first).to_contain_text("Ended by the person")


def test_everything_ends_here_too(page: Page, other_page: Page, lab: Instance) -> None:
    with somebody(lab) as guest:
        guest.sign_in(page, "client-a")
        guest.sign_in(other_page, "client-b")
        actions.open_page(page, lab, "server", "/sessions/")

        page.get_by_role("button", name="End everything").click()

        page.wait_for_url(f"{lab.url('server')}/sso/signed-out/**")
        actions.open_app(page, lab, "client-a")
        checks.assert_password_asked(page, lab)
        actions.open_app(other_page, lab, "client-b")
        checks.assert_password_asked(other_page, lab)


def test_an_administrator_ends_somebodys_with_a_reason(
    page: Page, other_page: Page, lab: Instance
) -> None:
    with somebody(lab) as guest:
        guest.sign_in(other_page, "client-a")
        actions.sign_in_at_server(page, lab, "admin")
        actions.open_page(page, lab, "server", f"/admin/sso_kit_server/signin/?q={guest.name}")
        page.locator("#result_list tbody input[type=checkbox]").check()
        page.locator("select[name=action]").select_option("end")
        page.get_by_role("button", name="Go").click()
        expect(page.get_by_text("write a reason")).to_be_visible()

        page.locator("#result_list tbody input[type=checkbox]").check()
        page.locator("select[name=action]").select_option("end")
        page.get_by_label("Reason").fill("laptop lost")
        page.get_by_role("button", name="Go").click()

        expect(page.get_by_text("1 sign-in(s) ended; 1 confirmed.")).to_be_visible()
        actions.open_app(other_page, lab, "client-a")
        checks.assert_password_asked(other_page, lab)
        actions.open_page(page, lab, "server", f"/admin/sso_kit_server/ending/?q={guest.name}")
        expect(page.locator("#result_list tbody tr")).to_contain_text("laptop lost")
        expect(page.locator("#result_list tbody tr")).to_contain_text("admin")


def test_the_lobby_sees_an_app_entered_and_left_without_a_reload(page: Page, lab: Instance) -> None:
    with somebody(lab) as guest:
        guest.sign_in(page, "client-a")
        actions.open_page(page, lab, "server")
        helpdesk = page.locator("[data-app=Helpdesk] .pill")
        expect(helpdesk).to_have_text("You may enter")
        tab = page.context.new_page()
        actions.open_app(tab, lab, "client-b")
        page.bring_to_front()

        expect(helpdesk).to_have_text("Signed in")
        expect(page.locator("#apps-said")).to_have_text("Helpdesk: Signed in")
        actions.sign_out(tab)
        expect(helpdesk).to_have_text("You may enter")
        expect(page.locator("[data-app=Helpdesk] .meta")).to_contain_text("Last entered")


def test_the_lobby_signs_out_of_one_app(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_page(page, lab, "server")

    page.locator("[data-app=Notes]").get_by_role("button", name="Sign out of it").click()

    expect(page.get_by_text("Notes confirmed it.")).to_be_visible()
    actions.open_app(page, lab, "client-a")  # silently: the server knows them still
    checks.assert_signed_in_as(page, "bob")
