"""`make screenshots`: takes the README's pictures, on a lab of its own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from e2e import plain
from lab import table
from lab.console import say
from lab.machine import system
from tests.support import chromium, instance

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

PICTURES = table.ROOT / "docs/images"
DESKTOP, PHONE, INSPECTOR = (1200, 760), (390, 760), (1180, 900)
NOTES = (
    ("Reading list", "The signed-token chapter, then the one on replay."),
    ("Packing for the workshop", "Laptop, adapters, name tags, the good coffee."),
    ("Ideas for the talk", "Start with the question: where does the password go?"),
)
TICKETS = (
    ("Projector in room 2 stays dark", "The cable is in, the light is green, no picture."),
    ("Please add me to the mailing list", "The one for the reading group."),
)


def run() -> int:
    system.ensure_nginx()
    system.ensure_chromium()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        instance.running(Path(folder)) as lab,
        _browser() as browser,
    ):
        _fill(browser, lab)
        _take_all(browser, lab)
    return 0


def _fill(browser: Browser, lab: instance.Instance) -> None:
    """Some notes and tickets, written as people write them."""
    alice = _person(browser, lab, "alice", lab.url("client-a") + "/notes/")
    for title, body in NOTES:
        alice.goto(lab.url("client-a") + "/notes/new/")
        _submit(alice, {"Title": title, "Text": body})
    bob = _person(browser, lab, "bob", lab.url("client-b") + "/tickets/")
    for subject, description in TICKETS:
        bob.goto(lab.url("client-b") + "/tickets/new/")
        _submit(bob, {"Subject": subject, "What happened?": description})


def _take_all(browser: Browser, lab: instance.Instance) -> None:
    notes, tickets = lab.url("client-a"), lab.url("client-b")
    stranger = _page(browser)
    stranger.goto(notes)
    _take(stranger, "notes-front")
    stranger.goto(notes + "/notes/")
    _take(stranger, "sign-in")
    alice = _person(browser, lab, "alice", notes + "/notes/")
    _take(alice, "notes")
    alice.goto(tickets + "/tickets/")
    _take(alice, "helpdesk")
    alice.goto(lab.url("server") + "/profile/")
    _take(alice, "profile")
    carol = _person(browser, lab, "carol", notes + "/notes/")
    carol.goto(tickets + "/tickets/")
    _take(carol, "refused")
    small = _person(browser, lab, "alice", tickets + "/tickets/", PHONE, "dark")
    _take(small, "helpdesk-phone-dark")
    _take_inspector(browser, lab)


def _take_inspector(browser: Browser, lab: instance.Instance) -> None:
    """A silent log-in, one of its messages opened, the list, and somebody else's link."""
    alice = _person(browser, lab, "alice", lab.url("client-a") + "/notes/")
    alice.goto(lab.url("client-b") + "/tickets/")
    own = str(alice.get_by_role("link", name="How did I get in?").get_attribute("href"))
    page = _page(browser, INSPECTOR)
    page.goto(own)
    page.locator(".rows-of-diagram").wait_for()
    _take(page.locator(".diagram"), "inspector")
    row = page.locator("li.row", has_text="The app asks whose the access token is").first
    row.locator("summary").click()
    _take(row, "inspector-opened")
    browser_of_mallory = plain.signed_in(lab, "client-a", "/notes/", "bob")
    begun = browser_of_mallory.get(f"{lab.url('client-b')}/tickets/", follow=False)
    link = browser_of_mallory.get(begun.location, follow=False).location
    victim = _page(browser, INSPECTOR)
    victim.goto(link)
    victim.get_by_role("link", name="See in the inspector what happened").click()
    victim.locator(".rows-of-diagram").wait_for()
    _take(victim.locator(".diagram"), "inspector-refused")
    victim.goto(f"{lab.url('desk')}/inspector/")
    _take(victim, "inspector-list")
    phone = _page(browser, PHONE, "dark")
    phone.goto(own)
    phone.locator(".rows-of-diagram").wait_for()
    _take(phone, "inspector-phone-dark")


def _take(page: Page | Locator, name: str) -> None:
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path)
    say(f"  {path.relative_to(table.ROOT)}")


def _person(
    browser: Browser,
    lab: instance.Instance,
    username: str,
    url: str,
    size: tuple[int, int] = DESKTOP,
    scheme: str = "light",
) -> Page:
    """A fresh browser in which this person has just signed in and arrived at the address."""
    page = _page(browser, size, scheme)
    page.goto(url)
    person = table.load().person(username)
    _submit(page, {"User name": person.username, "Password": person.password})
    page.wait_for_url(re.compile(re.escape(url)))
    return page


def _submit(page: Page, fields: dict[str, str]) -> None:
    for label, value in fields.items():
        page.get_by_label(label).first.fill(value)
    page.locator("main form button.primary").first.click()
    page.wait_for_load_state()


def _page(browser: Browser, size: tuple[int, int] = DESKTOP, scheme: str = "light") -> Page:
    width, height = size
    return browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        device_scale_factor=1.5,
    )


@contextmanager
def _browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.launch_options())
        yield browser
        browser.close()
