"""Every page is clean by axe-core's rules and never scrolls sideways, small or large,
light or dark.

Why here: contrast, names and sizes are known only once the page is rendered.

What would make it lie: an error page in place of the one meant, hence the status of each;
and a page that nobody lists, hence the last test.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from e2e import accessibility, actions
from lab import table
from tests.support.instance import Instance

OURS = [site for site in table.load().sites if site.kind.is_django]
STRANGERS = [
    *((site.name, "/", 200) for site in OURS),
    ("server", "/accounts/login/", 200),
    ("client-a", "/notes/", 200),  # ends at the log-in form, with the app's name in it
    ("server", "/accounts/inactive/", 403),
    ("server", "/accounts/password/reset/", 200),
    ("server", "/accounts/password/reset/sent/", 200),
    ("server", "/accounts/password/reset/done/", 200),
    ("server", "/accounts/password/reset/link/?token=1-used", 403),
    ("server", "/mailbox/", 200),
    ("server", "/sso/signed-out/", 200),
    ("client-b", "/login/local/", 200),
    ("desk", "/inspector/", 200),
    ("desk", "/inspector/compare/", 200),
    ("desk", "/inspector/nothing-of-that-name/", 404),
    ("desk", "/protocol/", 200),
    ("desk", "/no-such-page/", 404),
    ("client-a", "/no-such-page/", 404),
    ("client-b", "/no-such-page/", 404),
    ("server", "/no-such-page/", 404),
    ("client-a", "/sso/sso-logout/", 405),
    ("client-a", "/sso/sso-signed-out/", 200),
    ("client-a", "/sso/authenticate/?access_token=x", 400),
    ("server", "/sso/authorize/?token=x", 400),
]
# A note, a ticket; a hand-shake, whose pages test_inspector.py looks at.
ONE_OF_MANY = re.compile(r"/\d+/|^/inspector/(?!compare/)[^/]+/")
SIGNED_IN = {
    "admin": [  # who has no notes
        ("client-a", "/notes/", 200),
        ("client-b", "/tickets/", 200),
        ("server", "/", 200),
        ("server", "/consumers/", 200),
    ],
    "bob": [
        ("client-a", "/", 200),
        ("client-a", "/notes/new/", 200),
        ("client-a", "/notes/?q=surely-not-there", 200),
        ("client-b", "/", 200),
        ("client-b", "/tickets/new/", 200),
        ("client-b", "/tickets/?status=open&q=surely-not-there", 200),
        ("server", "/profile/", 200),
        ("server", "/sessions/", 200),
        ("client-b", "/account/", 200),
        ("client-a", "/sso/?prompt=select_account", 200),
        ("server", "/accounts/password/change/", 200),
        ("server", "/accounts/logout/", 200),
    ],
    "carol": [
        ("server", "/", 200),
        ("client-b", "/tickets/", 403),
    ],
}


def test_pages_for_strangers(page: Page, lab: Instance) -> None:
    assert _faults(page, lab, STRANGERS) == []


@pytest.mark.parametrize("username", SIGNED_IN)
def test_pages_for_people(page: Page, lab: Instance, username: str) -> None:
    actions.sign_in_at_server(page, lab, username)

    assert _faults(page, lab, SIGNED_IN[username]) == []


def test_pages_of_a_note(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    url = actions.create_note(page, lab, actions.unique("Averylongwordwithoutanyspace" * 3))
    found = accessibility.faults(page)  # with the message that it is saved

    for address in (url + "edit/", url + "delete/", lab.url("client-a") + "/notes/"):
        page.goto(address)
        found += accessibility.faults(page)

    assert found == []


def test_pages_of_a_ticket(page: Page, other_page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "bob")
    url = actions.create_ticket(page, lab, actions.unique("Averylongwordwithoutanyspace" * 3))
    found = accessibility.faults(page)
    actions.sign_in(other_page, lab, "client-b", "alice")
    other_page.goto(url)
    actions.add_comment(other_page, "An answer from the helpdesk")
    found += accessibility.faults(other_page)
    page.reload()
    page.get_by_role("button", name="Close ticket").click()
    found += accessibility.faults(page)
    actions.open_app(page, lab, "client-b")
    found += accessibility.faults(page)

    assert found == []


def test_forms_with_errors(page: Page, lab: Instance) -> None:
    actions.open_app(page, lab, "client-a")
    actions.send_log_in_form(page, "", "")
    page.get_by_role("alert").wait_for()
    found = accessibility.faults(page)

    actions.send_log_in_form(page, "bob", table.load().person("bob").password)
    page.wait_for_url(f"{lab.url('client-a')}/**")
    for site, path in (("client-a", "/notes/new/"), ("client-b", "/tickets/new/")):
        actions.open_page(page, lab, site, path)
        page.locator("main form").evaluate("form => { form.noValidate = true; form.submit() }")
        page.get_by_role("alert").wait_for()
        found += accessibility.faults(page)

    assert found == []


def test_nginx_own_pages(page: Page, lab: Instance) -> None:
    page.goto(f"http://nobody.localhost:{lab.port}/")
    found = accessibility.faults(page)
    page.goto(f"{lab.url('client-a')}/?{'x' * 9000}")
    found += accessibility.faults(page)

    assert found == []


def test_no_linked_page_is_missing_above(page: Page, lab: Instance) -> None:
    actions.sign_in_at_server(page, lab, "admin")
    listed = {(site, path.partition("?")[0]) for site, path, _ in _all_listed()}
    addresses = {lab.url(site) + path for site, path in listed}

    for site, path in sorted(listed):
        actions.open_page(page, lab, site, path)
        links = page.locator("a[href]").evaluate_all("all => all.map(a => a.origin + a.pathname)")
        assert {url for url in links if _is_page(url, lab)} <= addresses, f"{site} {path}"


def test_faults_would_be_seen(page: Page) -> None:
    """The control: a page with one fault of each kind."""
    page.set_content("<main><p style='color: #999; width: 900px'>Pale and wide</p></main>")

    found = "\n".join(accessibility.faults(page))

    assert "320px dark: color-contrast" in found
    assert "document-title" in found
    assert "scrolls sideways at 320px" in found


def _faults(page: Page, lab: Instance, pages: list[tuple[str, str, int]]) -> list[str]:
    found = []
    for site, path, status in pages:
        assert actions.open_page(page, lab, site, path).status == status
        found += accessibility.faults(page)
    return found


def _all_listed() -> list[tuple[str, str, int]]:
    return [*STRANGERS, *(row for rows in SIGNED_IN.values() for row in rows)]


def _is_page(url: str, lab: Instance) -> bool:
    """A page of ours, rather than a step of the hand-shake, Django's admin or one of many."""
    ours = url.startswith(tuple(lab.url(site.name) for site in OURS))
    path = urlsplit(url).path
    return ours and not path.startswith(("/sso/", "/admin/")) and not ONE_OF_MANY.search(path)
