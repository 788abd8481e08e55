"""Notes does its work, for each person alone.

Why here: the owner is whoever the identity server said, through the whole chain.

What would make it lie: titles that an earlier run left, hence a unique one each time.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from e2e import actions, checks
from tests.support.instance import Instance


def test_note_is_created_found_changed_and_deleted(page: Page, lab: Instance) -> None:
    title = actions.unique("Shopping")
    actions.sign_in(page, lab, "client-a", "bob")

    url = actions.create_note(page, lab, title, "Two pounds of quinces")
    expect(page.get_by_text("Your note is saved.")).to_be_visible()
    expect(page.get_by_text("Two pounds of quinces")).to_be_visible()

    actions.open_app(page, lab, "client-a")
    actions.search(page, title)
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("Text").fill("Three pounds")
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_text("Three pounds")).to_be_visible()

    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("is deleted")).to_be_visible()
    checks.assert_not_found(page, url)


def test_note_without_a_title_is_explained(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_page(page, lab, "client-a", "/notes/new/")
    page.get_by_label("Text").fill("Kept while I think of a title")

    page.locator("main form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Save note").click()

    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Text")).to_have_value("Kept while I think of a title")


def test_note_is_its_owners_alone(page: Page, other_page: Page, lab: Instance) -> None:
    """Not even an agent's, and not by its address either."""
    title = actions.unique("Diary")
    actions.sign_in(page, lab, "client-a", "carol")
    url = actions.create_note(page, lab, title)
    actions.sign_in(other_page, lab, "client-a", "alice")

    for address in (url, f"{url}edit/", f"{url}delete/"):
        checks.assert_not_found(other_page, address)

    actions.open_page(other_page, lab, "client-a", "/notes/?q=Diary")
    expect(other_page.get_by_role("link", name=title)).to_have_count(0)
