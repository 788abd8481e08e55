"""What people do in the lab. What must hold afterwards is in checks.py."""

from __future__ import annotations

import secrets

from playwright.sync_api import Page, Response

from lab import table
from tests.support.instance import Instance

# The page of each app that nobody sees without being signed in.
PRIVATE_PAGE = {"client-a": "/notes/", "client-b": "/tickets/"}


def unique(text: str) -> str:
    """A title that nothing else in the lab has."""
    return f"{text} {secrets.token_hex(4)}"


def open_page(page: Page, lab: Instance, site: str, path: str = "/") -> Response:
    response = page.goto(lab.url(site) + path)
    assert response is not None
    return response


def open_app(page: Page, lab: Instance, client: str) -> Response:
    """Open the app's private page: whoever isn't signed in there is sent to the server."""
    return open_page(page, lab, client, PRIVATE_PAGE[client])


def send_log_in_form(page: Page, username: str, password: str) -> None:
    page.get_by_label("User name").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, lab: Instance, client: str, username: str) -> None:
    """Open an app as somebody whom neither it nor the server knows yet."""
    open_app(page, lab, client)
    send_log_in_form(page, username, table.load().person(username).password)
    page.wait_for_url(f"{lab.url(client)}/**")


def sign_in_at_server(page: Page, lab: Instance, username: str) -> None:
    open_page(page, lab, "server", "/accounts/login/")
    send_log_in_form(page, username, table.load().person(username).password)
    page.wait_for_url(f"{lab.url('server')}/")


def sign_out(page: Page) -> None:
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()


def forget(page: Page, lab: Instance, site: str) -> None:
    """Delete one site's cookies, as if the browser had never been there."""
    page.context.clear_cookies(domain=table.load().site(site).host)


def create_note(page: Page, lab: Instance, title: str, body: str = "Milk, eggs, bread") -> str:
    """The new note's URL."""
    open_page(page, lab, "client-a", "/notes/new/")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Text").fill(body)
    page.get_by_role("button", name="Save note").click()
    page.get_by_role("heading", name=title).wait_for()
    return page.url


def create_ticket(page: Page, lab: Instance, subject: str) -> str:
    """The new ticket's URL."""
    open_page(page, lab, "client-b", "/tickets/new/")
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("What happened?").fill("The printer prints nothing but stars.")
    page.get_by_role("button", name="Send to the helpdesk").click()
    page.get_by_role("heading", name=subject).wait_for()
    return page.url


def add_comment(page: Page, body: str) -> None:
    page.get_by_label("Your comment").fill(body)
    page.get_by_role("button", name="Send answer").or_(
        page.get_by_role("button", name="Add comment")
    ).click()


def search(page: Page, text: str) -> None:
    page.get_by_role("searchbox").fill(text)
    page.get_by_role("button", name="Search").click()


def change_first_name(page: Page, lab: Instance, name: str) -> None:
    open_page(page, lab, "server", "/profile/")
    page.get_by_label("First name").fill(name)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
