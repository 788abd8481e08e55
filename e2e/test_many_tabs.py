"""Somebody with sixty tabs, some with very long addresses, signs in, and every tab arrives.

Why here: the browser decides which cookie goes to which page, and nginx how long a header
may be. 26 tabs used to end in its 400 page for eleven minutes.

What would make it lie: tabs that don't begin a hand-shake of their own, hence the check that
all of them wait at the form; or cookies that are set by hand.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from e2e import actions, checks
from lab import table
from tests.support.browser import Browser
from tests.support.instance import Instance

TABS = 60
IN_CHROMIUM = 24
LONGEST = 2000  # characters of path and query that survive a log-in


def wanted(lab: Instance, tab: int) -> str:
    """The first three have the longest addresses there may be."""
    path = f"/tickets/?q=tab-{tab}"
    if tab < 3:
        path += "&why=" + ("0123456789abcdef%C3%A9" * 200)[: LONGEST - len(path) - 5]
    return lab.url("client-b") + path


def test_every_tab_that_is_finished_lands_where_it_wanted(
    context: BrowserContext, lab: Instance
) -> None:
    tabs = [context.new_page() for _ in range(IN_CHROMIUM)]
    for tab, page in enumerate(tabs):
        page.goto(wanted(lab, tab))
        checks.assert_password_asked(page, lab)

    actions.send_log_in_form(tabs[0], "bob", table.load().person("bob").password)
    tabs[0].wait_for_url(wanted(lab, 0))
    for tab, page in enumerate(tabs[1:], 1):
        page.reload()  # the server knows bob by now and sends the tab on
        page.wait_for_url(wanted(lab, tab))
        checks.assert_signed_in_as(page, "bob")


def test_sixty_tabs_leave_room_in_the_cookie_header(lab: Instance) -> None:
    browser = Browser()
    for tab in range(TABS):
        page = browser.get(wanted(lab, tab))
        assert (page.status, page.password_fields) == (200, 1), f"tab {tab}"

    sent = browser.cookies[table.load().site("client-b").host]

    assert sum(len(name) + len(value) for (name, _), value in sent.items()) < 1000
    assert len([name for name, _ in sent if "sso_handshake_" in name]) == 1


def test_tabs_that_are_opened_all_at_once_arrive_too(page: Page, lab: Instance) -> None:
    """As when a browser restores its session: no tab waits for another one's answer."""
    actions.open_page(page, lab, "server", "/healthz")
    addresses = [wanted(lab, tab) for tab in range(12)]
    opened: list[Page] = []
    page.context.on("page", lambda tab: opened.append(tab))
    with page.context.expect_page(predicate=lambda _: len(opened) == len(addresses)):
        page.evaluate(
            "urls => { for (const url of urls) window.open(url, '_blank', 'noopener') }", addresses
        )
    for tab in opened:
        tab.wait_for_url(f"{lab.url('server')}/accounts/login/**")
    forms = list(opened)

    forms[0].reload()  # each answer brought another CSRF cookie, and the last one counts
    actions.send_log_in_form(forms[0], "bob", table.load().person("bob").password)
    forms[0].wait_for_url(f"{lab.url('client-b')}/tickets/**")
    for tab in forms[1:]:
        tab.reload()
        tab.wait_for_url(f"{lab.url('client-b')}/tickets/**")

    assert {tab.url for tab in forms} == set(addresses)
