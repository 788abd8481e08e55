"""The three sites' cookies keep out of each other's way.

Why here: the browser decides what it stores and sends; labs on one host with three ports
overwrite each other's sessions, which no test of one site notices.

What would make it lie: a site that sets its cookie on a page not visited here.
"""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from e2e import actions, checks
from tests.support import instance
from tests.support.instance import Instance

# With the lab's port after each: browsers keep cookies by host, whatever the port.
EXPECTED = {
    "sso.localhost": {"sso_session", "sso_csrf"},
    "app-a.localhost": {"notes_session", "notes_csrf"},
    "app-b.localhost": {"helpdesk_session", "helpdesk_csrf"},
}
# One of each for a browser, however many tabs; their names say which app's they are.
OF_THE_KIT = ("sso_handshake_", "sso_signed_in_")  # a log-in under way; until when signed in
OF_CLIENTS = {
    "sso.localhost": [],
    "app-a.localhost": [*OF_THE_KIT],
    "app-b.localhost": [*OF_THE_KIT],
}


def test_each_site_has_cookies_of_its_own(
    page: Page, context: BrowserContext, lab: Instance
) -> None:
    _visit_all_three(page, lab)

    names = defaultdict(set)
    for cookie in context.cookies():
        names[cookie["domain"]].add(cookie["name"])
    of_kit = {host: _of_the_kit(known) for host, known in names.items()}
    assert {host: sorted(prefixes.values()) for host, prefixes in of_kit.items()} == OF_CLIENTS
    assert {host: known - set(of_kit[host]) for host, known in names.items()} == {
        host: {f"{name}_{lab.port}" for name in known} for host, known in EXPECTED.items()
    }


def test_cookies_are_hidden_from_scripts_and_foreign_forms(
    page: Page, context: BrowserContext, lab: Instance
) -> None:
    _visit_all_three(page, lab)

    for cookie in context.cookies():
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax"), cookie["name"]


def test_a_sites_session_says_nothing_to_another(
    page: Page, context: BrowserContext, lab: Instance
) -> None:
    """Even under the other site's cookie name: their databases are their own."""
    _visit_all_three(page, lab)
    values = {cookie["name"]: cookie["value"] for cookie in context.cookies()}
    context.clear_cookies()
    stolen = values[f"notes_session_{lab.port}"]
    context.add_cookies(
        [{"name": f"helpdesk_session_{lab.port}", "value": stolen, "url": lab.url("client-b")}]
    )

    actions.open_app(page, lab, "client-b")

    assert page.url.startswith(lab.url("server"))


def test_a_lab_on_another_port_signs_nobody_out_of_this_one(
    page: Page, lab: Instance, tmp_path: Path
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")

    with instance.running(tmp_path / "other") as other:
        actions.sign_in(page, other, "client-a", "carol")
        actions.sign_out(page)
        for each in (other, lab):
            actions.open_page(page, each, "server")
        checks.assert_signed_in_as(page, "bob")

    actions.open_app(page, lab, "client-a")
    checks.assert_signed_in_as(page, "bob")
    actions.open_page(page, lab, "server", "/profile/")
    checks.assert_signed_in_as(page, "bob")


def _of_the_kit(names: set[str]) -> dict[str, str]:
    """Each cookie that the kit set, and what its name begins with."""
    return {name: prefix for name in names for prefix in OF_THE_KIT if name.startswith(prefix)}


def _visit_all_three(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")
    actions.open_page(page, lab, "server", "/profile/")
