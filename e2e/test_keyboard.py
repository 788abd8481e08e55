"""The lab works without a mouse.

Why here: focus, its order and its visibility exist in a browser only.

What would make it lie: Playwright's own ``fill`` and ``click``, hence keys alone.
"""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from e2e import actions, checks
from lab import table
from tests.support.instance import Instance

# A site more may ask who you are on its front page, where the log-in form has the focus.
PAGES = [(site, "/") for site in ("server", "client-a", "client-b")] + [
    (site.name, "/no-such-page/") for site in table.load().sites if site.kind.is_django
]
FOCUS_IS_VISIBLE = """() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""


def test_log_in_takes_keys_only(page: Page, lab: Instance) -> None:
    actions.open_app(page, lab, "client-a")
    expect(page.get_by_label("User name")).to_be_focused()

    page.keyboard.type("bob")
    page.keyboard.press("Tab")
    page.keyboard.type(table.load().person("bob").password)
    page.keyboard.press("Enter")

    page.wait_for_url(f"{lab.url('client-a')}/notes/")
    checks.assert_signed_in_as(page, "bob")


@pytest.mark.parametrize(("site", "path"), PAGES)
def test_first_key_offers_to_skip_the_header(
    page: Page, lab: Instance, site: str, path: str
) -> None:
    actions.open_page(page, lab, site, path)

    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport(ratio=1)

    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_focus_is_always_visible(
    page: Page, lab: Instance, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    actions.open_page(page, lab, "server", "/accounts/login/")
    stops = page.locator("a[href], button:visible, input:visible").count()

    for _ in range(stops):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.outerHTML.slice(0, 100)")
        assert page.evaluate(FOCUS_IS_VISIBLE) or focused.startswith("<body"), focused


def test_sign_out_takes_keys_only(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")

    page.get_by_role("button", name="Sign out").focus()
    page.keyboard.press("Enter")

    checks.assert_signed_out(page)
