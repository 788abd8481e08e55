"""A forgotten password: a link by mail, which the lab shows, to one that counts everywhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import accessibility, actions, checks
from e2e.people import Somebody, somebody
from tests.support.instance import Instance

NEW = "quite-another-one-42"


def ask(page: Page, lab: Instance, address: str) -> None:
    actions.open_page(page, lab, "server", "/accounts/login/")
    page.get_by_role("link", name="Forgotten your password?").click()
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look at your mail")


def mail_to(page: Page, address: str) -> str:
    """The newest one's text."""
    page.get_by_role("link", name="mailbox").click()
    assert accessibility.faults(page) == []
    return page.locator(".mails li", has_text=address).first.locator(".text").inner_text()


def test_a_link_leads_to_a_new_password_and_out_of_every_browser(
    page: Page, other_page: Page, lab: Instance
) -> None:
    with somebody(lab) as guest:
        guest.sign_in(other_page, "client-a")
        ask(page, lab, guest.address)
        assert "link leads to it" in mail_to(page, guest.address)
        mail = page.locator(".mails li", has_text=guest.address).first
        link = mail.get_by_role("link").get_attribute("href") or ""

        page.goto(link)
        assert "token" not in page.url
        assert accessibility.faults(page) == []
        set_password(page, "123")
        expect(page.get_by_role("alert")).to_be_visible()
        set_password(page, NEW)

        expect(page.get_by_role("heading", level=1)).to_have_text("Your new password counts")
        actions.open_app(other_page, lab, "client-a")
        checks.assert_password_asked(other_page, lab)
        guest.fill(other_page)  # the old one
        expect(other_page.get_by_role("alert")).to_be_visible()
        Somebody(guest.name, NEW, lab).fill(other_page)
        other_page.wait_for_url(f"{lab.url('client-a')}/notes/")
        response = page.goto(link)
        assert response is not None
        assert response.status == 403
        expect(page.get_by_role("link", name="Ask for another link")).to_be_visible()


def test_an_address_that_nobody_has_is_answered_alike(page: Page, lab: Instance) -> None:
    address = f"{actions.unique('nobody').replace(' ', '-')}@lab.example"

    ask(page, lab, address)

    assert "No account here is known by it" in mail_to(page, address)


def set_password(page: Page, password: str) -> None:
    page.get_by_label("New password", exact=True).fill(password)
    page.get_by_label("New password again").fill(password)
    page.get_by_role("button", name="Set the password").click()
