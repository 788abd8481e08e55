"""A hand-shake happens in one tab, and each message of it is read in another.

Why here: what the desk shows comes from three sites, nginx and the files between them; that it is
live, runs no script of anybody's and can be read on a phone is known only in a browser.

What would make it lie: another test's hand-shakes in the same list, hence links to one's own; and a
diagram that is always the same, hence the steps of each kind, word for word.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import ConsoleMessage, Dialog, Page, expect

from e2e import accessibility, actions, artefacts, plain
from e2e.hops import Hops
from e2e.own_lab import IS_UP, with_knobs
from lab import table
from lab.machine import waiting
from lab.place import Place
from tests.support.instance import Instance

LOG_IN_FORM = [
    "Nobody is signed in: to the form",
    "The server sends the browser to its log-in form",
    "The browser asks for the log-in form",
    "The log-in form is shown",
    "The server shows a form",
    "The person sends name and password",
    "The person is logged in at the server",
    "Logged in: back to the hand-shake",
    "The browser brings the request token",
]
BEGIN = [
    "The browser asks the app for a page",
    "The app begins a hand-shake",
    "The app asks for a request token",
    "The server issues a request token",
    "The server answers with a request token",
    "The app takes the answer",
    "The app sends the browser to the server",
    "The browser brings the request token",
]
END = [
    "The server issues an access token",
    "The server sends the browser back with an access token",
    "The browser comes back to the app",
    "The app asks whose the access token is",
    "The server vouches for the person",
    "The server says who it is",
    "The app signs the person in",
    "Signed in: on to the page",
]
STOCK_BEGIN = [*BEGIN[:3], "A message in stock's format", *BEGIN[3:]]
STOCK_END = [*END[:4], "A message in stock's format", *END[4:]]
# Once in the life of an app's database.
FIRST_TIME = {"The app knows its identity server", "The app makes an account"}
REFUSED = ["The server refuses to go on", "Refused, with a page that says why"]
NOBODY = [
    "Asked silently: nobody",
    "The server sends the browser back: nobody",
    "The browser comes back to the app",
    "The visitor goes on as a guest",
    "Nobody there: on as a guest",
]
TAKEN = "The app takes the answer"  # an arrow, not a step of its own


def steps_of(page: Page) -> list[str]:
    """The titles in the ordered list, once the diagram has come to rest."""
    titles = page.locator(".rows-of-diagram > li .what")
    expect(titles.first).to_be_visible()
    texts = [re.sub(r"^\d+\s*", "", text.strip()) for text in titles.all_inner_texts()]
    return [text for text in texts if text not in FIRST_TIME]


def expect_steps(page: Page, *parts: list[str]) -> None:
    wanted = [step for part in parts for step in part if step != TAKEN]
    try:
        expect(page.locator(".rows-of-diagram > li").nth(len(wanted) - 1)).to_be_visible()
    finally:
        assert steps_of(page) == wanted


def own_hand_shake(page: Page) -> Page:
    """Of the page that somebody is signed in to."""
    page.get_by_role("link", name="How did I get in?").click()
    page.wait_for_url("**/inspector/**")
    page.locator("li.row", has_text="Signed in: on to the page").first.wait_for()
    return page


@contextmanager
def nothing_runs(page: Page) -> Iterator[None]:
    """No dialog, no error, and nothing that the Content-Security-Policy had to stop."""
    heard: list[str] = []

    def dialog(each: Dialog) -> None:
        heard.append(f"dialog: {each.message}")
        each.dismiss()

    def console(each: ConsoleMessage) -> None:
        if each.type == "error" and "status of" not in each.text:
            heard.append(each.text)

    page.on("dialog", dialog)
    page.on("console", console)
    page.on("pageerror", lambda error: heard.append(str(error)))
    yield
    assert heard == []


# --- Every step, read ----------------------------------------------------------------------------


def test_a_first_log_in_is_read_step_by_step(page: Page, lab: Instance) -> None:
    with nothing_runs(page):
        actions.sign_in(page, lab, "client-a", "bob")
        own_hand_shake(page)

        expect(page.get_by_role("heading", level=1)).to_contain_text("Log-in of bob at Notes")
        expect_steps(page, BEGIN, LOG_IN_FORM, END)


def test_a_silent_log_in_is_read_step_by_step(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    actions.open_app(page, lab, "client-b")
    own_hand_shake(page)

    expect(page.get_by_role("heading", level=1)).to_contain_text("Silent log-in of bob at Helpdesk")
    expect_steps(page, BEGIN, END)


def test_each_step_opens_to_what_it_held_and_why_it_is_there(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-b", "alice")
    own_hand_shake(page)
    rows = page.locator(".rows-of-diagram > li")

    page.keyboard.press("o")

    for number in range(rows.count()):
        opened = rows.nth(number).locator(".opened")
        expect(opened).to_contain_text("Why:")
        expect(opened).to_contain_text("Without it:")
        link = opened.get_by_role("link", name="What the protocol says of it")
        assert re.fullmatch(r"/protocol/#[\w-]+", str(link.get_attribute("href")))
    question = page.locator("li.row", has_text="The app asks whose the access token is").first
    for said in ("access_token", "never shown", "HMAC-SHA256", "session-binding"):
        expect(question).to_contain_text(said)
    answer = page.locator("li.row", has_text="The server says who it is").first
    expect(answer).to_contain_text("verified")
    expect(answer).to_contain_text(re.compile(r"\d(\.\d)? s of 30 s at most"))
    expect(page.locator("li.row", has_text="The server vouches").first).to_contain_text(
        "spent by this"
    )


def test_an_explanation_leads_to_its_line_in_the_protocol(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "alice")
    own_hand_shake(page)
    row = page.locator("li.row", has_text="The app asks for a request token").first
    row.locator("summary").click()

    row.get_by_role("link", name="What the protocol says of it").click()

    target = page.locator(":target")
    expect(target).to_be_in_viewport()
    expect(target).to_contain_text("POST request-token/")


def test_a_refusal_is_as_visible_as_a_log_in(page: Page, lab: Instance) -> None:
    actions.sign_in_at_server(page, lab, "carol")
    assert actions.open_app(page, lab, "client-b").status == 403

    page.get_by_role("link", name="See in the inspector what happened").click()

    expect(page.locator(".story-head .banner")).to_have_text("carol may not enter Helpdesk.")
    expect_steps(page, BEGIN, REFUSED)
    expect(page.locator("li.row.refused").first).to_be_visible()


def test_a_log_out_is_drawn_to_every_app(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "alice")
    actions.open_app(page, lab, "client-b")
    actions.open_page(page, lab, "server", "/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{lab.url('server')}/sso/signed-out/**")

    act = parse_qs(urlsplit(page.url).query)["of"][0]

    page.goto(f"{lab.url('desk')}/inspector/{act}/")

    page.locator("li.row", has_text="Signed out: the browser goes on").wait_for()
    steps = steps_of(page)
    assert steps[0] == "The person logs out at the server"
    assert steps[-1] == "Signed out: the browser goes on"
    assert steps.count("The server tells the app that it is over") == 2
    assert steps.count("The app hears that a sign-in has ended") == 2
    assert steps.count("The app confirms") == 2


def test_a_passive_check_is_drawn(page: Page, lab: Instance) -> None:
    actions.open_page(page, lab, "client-a", "/")

    story = newest(page, lab, "Silent question", outcome="goes on as a guest")

    page.goto(f"{lab.url('desk')}/inspector/{story['id']}/")
    expect_steps(page, BEGIN, NOBODY)


def test_somebody_elses_link_is_drawn_from_another_browser(page: Page, lab: Instance) -> None:
    browser = plain.signed_in(lab, "client-a", "/notes/", "alice")
    begun = browser.get(f"{lab.url('client-b')}/tickets/", follow=False)
    link = browser.get(begun.location, follow=False).location
    assert "/sso/authenticate/" in link
    page.goto(link)

    page.get_by_role("link", name="See in the inspector what happened").click()

    expect(page.locator(".lane").first).to_contain_text("Another browser")
    expect(page.locator(".story-head .banner.danger")).to_be_visible()
    expect(page.locator("li.row", has_text="Somebody else's access token is burnt")).to_be_visible()


def test_a_strangers_question_is_drawn_from_outside(page: Page, lab: Instance) -> None:
    headers = {"x-services-public-key": "nobody", "Content-Type": "application/json"}
    body = b'{"a": 1}.sig'
    answer = plain.send(lab, "server", "/sso/verify/", method="POST", body=body, headers=headers)
    assert answer.status == 400

    story = newest(page, lab, "Stranger's message")

    assert story["rows"][0]["from"] == "stranger"
    refused = next(row for row in story["rows"] if row["kind"] == "QUESTION_REFUSED")
    assert refused["holds"]["Signature"] == {"signature": "not verified"}


# --- Live ----------------------------------------------------------------------------------------


def test_what_happens_appears_without_a_reload(page: Page, other_page: Page, lab: Instance) -> None:
    with nothing_runs(other_page):
        other_page.goto(f"{lab.url('desk')}/inspector/?who=bob&app=Notes")
        other_page.evaluate("window.stillHere = true")
        count = other_page.locator(".story").count()
        expect(other_page.get_by_text("Live", exact=True)).to_be_visible()

        actions.sign_in(page, lab, "client-a", "bob")

        expect(other_page.locator(".story")).to_have_count(min(60, count + 1))
        with other_page.expect_response(  # and what is seen already isn't sent again
            lambda answer: "/rows/" in answer.url and answer.status == 304
        ):
            pass
        assert other_page.evaluate("window.stillHere") is True


def test_a_lost_connection_is_said_and_comes_back(page: Page, lab: Instance) -> None:
    page.goto(f"{lab.url('desk')}/inspector/")
    status = page.locator("#connection")
    lab.stop("desk")
    try:
        expect(status).to_contain_text("Connection lost")
        expect(page.get_by_role("heading", name="Inspector")).to_be_visible()
    finally:
        lab.start("desk")

    expect(status).to_have_text("Live")


def test_a_diagram_that_is_open_grows_and_keeps_what_is_open(
    page: Page, other_page: Page, lab: Instance
) -> None:
    actions.open_app(page, lab, "client-a")  # as far as the form
    story = newest(other_page, lab, "Log-in", outcome="waits for the log-in form")
    other_page.goto(f"{lab.url('desk')}/inspector/{story['id']}/")
    first = other_page.locator("#step-1 details")
    first.locator("summary").click()
    before = len(steps_of(other_page))

    actions.send_log_in_form(page, "bob", table.load().person("bob").password)
    page.wait_for_url(f"{lab.url('client-a')}/**")

    expect(other_page.locator("li.row", has_text="Signed in: on to the page")).to_be_visible()
    assert len(steps_of(other_page)) > before
    assert first.get_attribute("open") is not None


# --- Nobody waits for the desk -------------------------------------------------------------------


@pytest.mark.parametrize("how", ["stop", "pause"])
def test_a_desk_that_is_away_delays_nobody_and_finds_what_it_missed(
    page: Page, lab: Instance, how: str
) -> None:
    getattr(lab, how)("desk")
    try:
        began = time.monotonic()
        actions.sign_in(page, lab, "client-a", "bob")
        actions.open_app(page, lab, "client-b")
        took = time.monotonic() - began
        link = page.get_by_role("link", name="How did I get in?").get_attribute("href")
    finally:
        lab.start("desk") if how == "stop" else lab.resume("desk")
        lab.wait_ready()

    assert took < 10
    page.goto(str(link))
    expect_steps(page, BEGIN, END)


APPS = ("client-a", "client-b")
REFUSED_AT = {"server": "/sso/authorize/", **dict.fromkeys(APPS, "/sso/authenticate/")}


def is_told(lab: Instance, site: str, file: Path) -> bool:
    """Whether what a site refuses just now gets into this file, by each of its workers."""
    before = file.stat().st_size
    for _ in range(6):
        plain.send(lab, site, REFUSED_AT[site])
    return waiting.until(lambda: file.stat().st_size > before, 1)


def test_a_full_disk_breaks_no_log_in(page: Page, lab: Instance) -> None:
    if lab.runtime != "local":
        pytest.skip("changes a file of the local runtime's")
    file = Place(lab.state, lab.port).events / "sites.jsonl"
    kept = file.with_suffix(".kept")
    file.rename(kept)
    file.symlink_to("/dev/full")
    try:
        # Each process looks once a second which file it is.
        assert waiting.until(lambda: not any(is_told(lab, site, kept) for site in APPS), 20)
        actions.sign_in(page, lab, "client-a", "bob")
        assert actions.open_app(page, lab, "client-b").status == 200
    finally:
        file.unlink()
        kept.rename(file)
    assert waiting.until(lambda: all(is_told(lab, site, file) for site in (*APPS, "server")), 20)
    actions.forget(page, lab, "client-b")
    actions.open_app(page, lab, "client-b")
    own_hand_shake(page)
    expect_steps(page, BEGIN, END)


# --- Playback, keys, filters, comparison, exports -------------------------------------------------


def test_it_is_played_back_and_stepped_through_by_keys(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    own_hand_shake(page)
    shown = page.locator(".rows-of-diagram > li:not(.waiting)")
    total = page.locator(".rows-of-diagram > li").count()

    page.keyboard.press("n")
    expect(shown).to_have_count(1)
    page.keyboard.press("n")
    expect(shown).to_have_count(2)
    page.keyboard.press("b")
    expect(shown).to_have_count(1)
    expect(page.locator("[data-progress]")).to_have_text(f"Step 1 of {total}")
    page.keyboard.press("a")
    expect(shown).to_have_count(total)

    page.get_by_role("button", name="Play").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(shown).to_have_count(3)  # on its way
    expect(shown).to_have_count(total, timeout=total * 1500 + 5000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()


def test_the_list_is_walked_by_keys(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    page.goto(f"{lab.url('desk')}/inspector/")

    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.get_by_label("Person")).to_be_focused()
    page.keyboard.type("bob")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inspector/?who=bob*")
    assert set(page.locator(".story .who").all_inner_texts()) == {"bob"}
    page.keyboard.press("j")
    expect(page.locator(".story .cover").first).to_be_focused()
    page.keyboard.press("Enter")
    page.locator(".rows-of-diagram").wait_for()
    page.keyboard.press("l")
    page.wait_for_url("**/inspector/")


def test_a_first_log_in_and_a_silent_one_are_compared(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    first = own_hand_shake(page).url.rstrip("/").rpartition("/")[2]
    actions.open_app(page, lab, "client-b")
    second = own_hand_shake(page).url.rstrip("/").rpartition("/")[2]

    page.goto(f"{lab.url('desk')}/inspector/compare/?a={first}&b={second}")

    alone = page.locator(".pair.left .what").all_inner_texts()
    names = {re.sub(r"^\d+\s*", "", text) for text in alone}
    assert {"The log-in form is shown", "The person sends name and password"} <= names
    assert page.locator(".pair.same").count() + page.locator(".pair.differs").count() >= 15
    assert accessibility.faults(page) == []


def test_what_is_taken_along_opens_in_other_tools(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    own_hand_shake(page)

    with page.expect_download() as download:
        page.get_by_role("link", name="HAR, for dev tools").click()
    har = json.loads(Path(download.value.path()).read_text())

    urls = [entry["request"]["url"] for entry in har["log"]["entries"]]
    assert any(url.endswith("/sso/verify/") for url in urls)
    assert all(entry["response"]["status"] for entry in har["log"]["entries"])
    page.get_by_role("link", name="Mermaid").click()
    assert page.locator("body").inner_text().startswith("sequenceDiagram")


# --- Nothing of use to a thief, nothing that runs -------------------------------------------------


def test_no_token_is_shown_whole_anywhere(page: Page, lab: Instance, hops: Hops) -> None:
    actions.sign_in(page, lab, "client-a", "alice")
    actions.open_app(page, lab, "client-b")
    secrets = hops.values_of("token", "access_token", "state")
    secrets |= {cookie["value"] for cookie in page.context.cookies() if len(cookie["value"]) > 15}
    pieces = {piece for secret in secrets for piece in re.findall(r"[\w-]{16,}", secret)}
    assert len(pieces) > 12
    name = own_hand_shake(page).url.rstrip("/").rpartition("/")[2]

    for end in ("", "live/", "diagram.json", "diagram.har", "diagram.mmd"):
        told = plain.send(lab, "desk", f"/inspector/{name}/{end}").text
        assert [piece for piece in pieces if piece[:12] in told] == [], end
    for service in ("server", "client-b"):
        assert [piece for piece in pieces if piece in lab.log(service, 2000)] == []


HOSTILE = "%3Cscript%3Ealert(1)%3C/script%3E%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E"


@pytest.mark.parametrize(
    "path",
    [
        f"/sso/authenticate/?state={HOSTILE}&access_token={HOSTILE}",
        f"/sso/authenticate/?{HOSTILE}={HOSTILE}&error={HOSTILE}",
        f"/sso/?next=/{HOSTILE}",
    ],
)
def test_nothing_that_a_stranger_sends_runs_at_the_desk(
    page: Page, lab: Instance, path: str
) -> None:
    headers = {"User-Agent": HOSTILE, "Referer": f"http://evil.test/{HOSTILE}",
               "X-Request-ID": "<script>alert(1)</script>", "Cookie": f"{HOSTILE}=1"}  # fmt: skip
    assert plain.send(lab, "client-a", path, headers=headers).status in (302, 400, 403)

    with nothing_runs(page):
        page.goto(f"{lab.url('desk')}/inspector/")
        page.locator(".story").first.wait_for()
        page.locator(".story .cover").first.click()
        page.locator(".rows-of-diagram").wait_for()
        page.keyboard.press("o")
        assert page.locator(".diagram script, .diagram img").count() == 0


def test_a_stranger_cannot_name_a_request(page: Page, lab: Instance) -> None:
    """Else somebody's refusals could be put into somebody else's hand-shake."""
    actions.sign_in(page, lab, "client-a", "bob")
    name = own_hand_shake(page).url.rstrip("/").rpartition("/")[2]
    rows = page.locator(".rows-of-diagram > li").count()
    request = page.locator(".opened .at code").first.text_content()
    for forged in (name, str(request)):
        plain.send(lab, "client-a", "/sso/authenticate/", headers={"X-Request-ID": forged})
    newest(page, lab, "Log-in", outcome="refused")

    page.goto(f"{lab.url('desk')}/inspector/{name}/")

    expect(page.locator(".rows-of-diagram > li")).to_have_count(rows)


# --- Looked at -----------------------------------------------------------------------------------


def test_its_pages_are_clean_small_and_large_light_and_dark(page: Page, lab: Instance) -> None:
    found = []
    actions.sign_in(page, lab, "client-a", "carol")
    own_hand_shake(page)
    page.keyboard.press("o")
    found += accessibility.faults(page)
    actions.open_app(page, lab, "client-b")
    page.get_by_role("link", name="See in the inspector what happened").click()
    page.locator(".rows-of-diagram").wait_for()
    found += accessibility.faults(page)
    page.keyboard.press("n")
    found += accessibility.faults(page)
    page.goto(f"{lab.url('desk')}/inspector/")
    found += accessibility.faults(page)

    assert found == []


def test_who_wants_no_motion_gets_none(page: Page, lab: Instance) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    page.emulate_media(reduced_motion="reduce")
    own_hand_shake(page)

    page.keyboard.press("n")

    moving = "getComputedStyle(document.querySelector('.row.now')).animationName"
    assert page.evaluate(moving) == "none"
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) != "none"


def test_without_scripts_it_is_all_there(new_context: Any, lab: Instance, page: Page) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    url = own_hand_shake(page).url
    bare = new_context(java_script_enabled=False).new_page()

    bare.goto(url)

    assert bare.locator(".rows-of-diagram > li").count() > 15
    expect(bare.get_by_role("button", name="Play")).to_have_count(0)


@IS_UP
def test_a_defence_that_is_off_is_said(page: Page, tmp_path: Path) -> None:
    with with_knobs(tmp_path, DEFENCES_OFF="session-binding") as lab:
        actions.sign_in(page, lab, "client-a", "bob")
        own_hand_shake(page)

        expect(page.locator(".facts-line")).to_contain_text("without session-binding")
        page.goto(f"{lab.url('desk')}/inspector/")
        expect(page.locator(".banner.warning")).to_contain_text("session-binding")


@IS_UP
def test_stock_and_hardened_are_compared(page: Page, tmp_path: Path) -> None:
    with with_knobs(tmp_path, STOCK_FORMAT="client-a") as lab:
        lab.manage("server", "sso_consumer", "Notes", "--legacy")
        actions.sign_in(page, lab, "client-a", "bob")
        stock = own_hand_shake(page).url.rstrip("/").rpartition("/")[2]
        expect(page.locator(".facts-line")).to_contain_text("stock")
        expect_steps(page, STOCK_BEGIN, LOG_IN_FORM, STOCK_END)
        actions.open_app(page, lab, "client-b")
        hardened = own_hand_shake(page).url.rstrip("/").rpartition("/")[2]

        page.goto(f"{lab.url('desk')}/inspector/compare/?a={stock}&b={hardened}")

        page.locator(".differences summary").first.click()
        table_of = page.locator(".compare")
        for said in ("HMAC-SHA1", "HMAC-SHA256", "verifier"):
            expect(table_of).to_contain_text(said)


@IS_UP
def test_it_can_be_switched_off(page: Page, tmp_path: Path) -> None:
    with with_knobs(tmp_path, INSPECTOR="0") as lab:
        actions.sign_in(page, lab, "client-a", "bob")

        assert page.get_by_role("link", name="How did I get in?").count() == 0
        page.goto(f"{lab.url('desk')}/inspector/")
        expect(page.get_by_text("Nothing has happened yet")).to_be_visible()


def newest(
    page: Page, lab: Instance, kind: str, who: str = "", outcome: str = ""
) -> dict[str, Any]:
    """The newest story of a kind, as JSON; waits until there is one."""
    page.goto(f"{lab.url('desk')}/inspector/?who={who}")
    line = page.locator(".story", has_text=kind).filter(has_text=outcome or None).first
    line.wait_for()
    href = str(line.locator(".cover").get_attribute("href"))
    told: dict[str, Any] = json.loads(plain.send(lab, "desk", f"{href}diagram.json").text)
    return told


def test_what_a_failed_test_leaves_has_the_diagrams(
    page: Page, lab: Instance, browser: Any, tmp_path: Path
) -> None:
    actions.sign_in(page, lab, "client-a", "bob")
    newest(page, lab, "Log-in", who="bob")

    artefacts.keep_diagrams(browser, lab, tmp_path)

    assert (tmp_path / "diagram-1.png").stat().st_size > 10_000
    assert json.loads((tmp_path / "diagram-1.json").read_text())["rows"]
