"""What must hold. Each check names the promise that it holds the lab to."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e.actions import PRIVATE_PAGE
from e2e.hops import Hops
from lab import table
from tests.support.instance import Instance

PASSWORD_FIELDS = "input[type=password]"


def hops_to_the_form(client: str) -> list[str]:
    """What a browser does when it opens an app and nobody knows it."""
    app, server = _host(client), _host("server")
    return [
        f"GET {app}{PRIVATE_PAGE[client]} 302",
        f"GET {server}/sso/authorize/ 302",
        f"GET {server}/accounts/login/ 200",
    ]


def hops_after_the_form(client: str) -> list[str]:
    app, server = _host(client), _host("server")
    return [
        f"POST {server}/accounts/login/ 302",
        f"GET {server}/sso/authorize/ 302",
        f"GET {app}/sso/authenticate/ 302",
        f"GET {app}{PRIVATE_PAGE[client]} 200",
    ]


def silent_hops(client: str) -> list[str]:
    """What a browser does when it opens an app and the server knows it: four hops."""
    app, server = _host(client), _host("server")
    return [
        f"GET {app}{PRIVATE_PAGE[client]} 302",
        f"GET {server}/sso/authorize/ 302",
        f"GET {app}/sso/authenticate/ 302",
        f"GET {app}{PRIVATE_PAGE[client]} 200",
    ]


def assert_silent(page: Page, hops: Hops, client: str) -> None:
    """A hand-shake took place, and nothing in it was shown, sent or asked for.

    Comparing the whole list tells it from no hand-shake at all (an old session of the app).
    """
    assert hops.steps == silent_hops(client)
    assert_no_password_asked(page)


def assert_no_password_asked(page: Page) -> None:
    expect(page.locator(PASSWORD_FIELDS)).to_have_count(0)
    expect(page.locator("form", has=page.locator(PASSWORD_FIELDS))).to_have_count(0)


def assert_password_asked(page: Page, lab: Instance) -> None:
    """By the server and nobody else."""
    assert page.url.startswith(f"{lab.url('server')}/accounts/login/")
    expect(page.locator(PASSWORD_FIELDS)).to_have_count(1)


def assert_signed_in_as(page: Page, username: str) -> None:
    person = table.load().person(username)
    name = f"{person.first_name} {person.last_name}"
    expect(page.get_by_role("banner").locator(".who-name")).to_have_text(name)


def assert_signed_out(page: Page) -> None:
    banner = page.get_by_role("banner")
    expect(banner.get_by_role("link", name="Sign in")).to_be_visible()
    expect(banner.get_by_role("button", name="Sign out")).to_have_count(0)


def assert_not_found(page: Page, url: str) -> None:
    response = page.goto(url)
    assert response is not None
    assert response.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing to see at this address")


def _host(site: str) -> str:
    return table.load().site(site).host
