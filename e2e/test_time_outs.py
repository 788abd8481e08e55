"""A session that isn't used ends: with a warning, and without losing what was being written.

On a lab whose sessions last 16 seconds, so that nobody waits long; everything is polled.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from e2e import accessibility, actions, checks
from e2e.own_lab import IS_UP, with_knobs
from lab import table
from tests.support.instance import Instance

pytestmark = IS_UP
IDLE = 16  # seconds
LATER = (IDLE + 12) * 1000


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    state = tmp_path_factory.mktemp("short")
    with with_knobs(state, IDLE_SECONDS=str(IDLE), CHECK_SECONDS="5") as lab:
        yield lab


def write(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "client-a", "/notes/new/")
    page.get_by_label("Title").fill("Half a note")
    page.get_by_label("Text").fill("written before it ended")


def test_somebody_is_warned_and_stays(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    write(page, lab)
    dialog = page.get_by_role("dialog")

    expect(dialog).to_be_visible(timeout=LATER)
    expect(dialog.get_by_role("button", name="Stay signed in")).to_be_focused()
    assert accessibility.faults(page) == []
    dialog.get_by_role("button", name="Stay signed in").click()

    expect(dialog).not_to_be_visible()
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_role("heading", name="Half a note")).to_be_visible()


def test_what_was_written_is_there_again_after_the_log_in(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    write(page, lab)
    again = page.get_by_role("link", name="Sign in again")
    expect(again).to_be_visible(timeout=LATER)

    again.click()

    checks.assert_password_asked(page, lab)
    actions.send_log_in_form(page, "bob", table.load().person("bob").password)
    page.wait_for_url(f"{lab.url('client-a')}/notes/new/")
    expect(page.get_by_label("Title")).to_have_value("Half a note")
    expect(page.get_by_label("Text")).to_have_value("written before it ended")
    expect(page.get_by_text("has been put back")).to_be_visible()
    assert accessibility.faults(page) == []
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_label("Title")).to_have_value("")


def test_a_form_that_is_sent_too_late_is_explained_and_kept(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    write(page, lab)
    page.get_by_role("link", name="Sign in again").wait_for(timeout=LATER)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Save note").click()
    page.wait_for_load_state()

    actions.open_page(page, lab, "client-a", "/notes/new/")
    actions.send_log_in_form(page, "bob", table.load().person("bob").password)

    page.wait_for_url(f"{lab.url('client-a')}/notes/new/")
    expect(page.get_by_label("Title")).to_have_value("Half a note")


def test_somebody_else_in_the_same_tab_sees_nothing_of_it(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    write(page, lab)
    again = page.get_by_role("link", name="Sign in again")
    expect(again).to_be_visible(timeout=LATER)
    again.click()

    actions.send_log_in_form(page, "alice", table.load().person("alice").password)

    page.wait_for_url(f"{lab.url('client-a')}/notes/new/")
    checks.assert_signed_in_as(page, "alice")
    expect(page.get_by_label("Title")).to_have_value("")
    assert page.evaluate("Object.keys(sessionStorage)") == []
