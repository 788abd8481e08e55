"""The desk's pages, as a browser gets them."""

from __future__ import annotations

import json
import os
import re
from html.parser import HTMLParser
from typing import Any

import pytest
import urllib3
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse

from lab import table
from lab_desk.desk import views
from sso_kit.events import Step
from tests.sites.lab_desk import told
from tests.sites.lab_desk.conftest import Write
from tests.sites.pages import text

STORY = f"/inspector/{told.SHAKE}/"
ALERT = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def lines_of(page: Any) -> list[str]:
    return re.findall(r'class="kind">([^<]+)<', text(page))


# --- The list ------------------------------------------------------------------------------------


def test_before_anything_has_happened_it_says_what_to_do(visitor: Client, write: Write) -> None:
    page = visitor.get("/inspector/")

    assert page.status_code == 200
    assert "Nothing has happened yet" in text(page)


def test_the_newest_is_first(visitor: Client, write: Write) -> None:
    write(*told.silent_log_in(began=told.BEGAN - 100), *told.log_out(began=told.BEGAN))

    assert lines_of(visitor.get("/inspector/")) == ["Log-out", "Silent log-in"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("who=ali", ["Log-out", "Silent log-in"]),
        ("who=ALICE&app=Helpdesk", ["Silent log-in"]),
        ("app=Notes", ["Log-out"]),
        ("state=good", ["Silent log-in"]),
        ("state=refused", []),
        ("who=nobody", []),
        ("app=No+such+app", ["Log-out", "Silent log-in"]),
        ("state=nonsense", ["Log-out", "Silent log-in"]),
        ("who=%00%ff", []),
    ],
)
def test_it_is_filtered(visitor: Client, write: Write, query: str, found: list[str]) -> None:
    write(*told.silent_log_in(began=told.BEGAN - 100), *told.log_out(began=told.BEGAN))

    assert lines_of(visitor.get(f"/inspector/?{query}")) == found
    assert lines_of(visitor.get(f"/inspector/rows/?{query}")) == found


def test_what_a_page_has_already_isnt_sent_again(visitor: Client, write: Write) -> None:
    write(*told.silent_log_in())
    tag = visitor.get("/inspector/rows/")["HX-PTag"]

    again = visitor.get("/inspector/rows/", headers={"HX-PTag": tag})
    assert (again.status_code, again.content) == (304, b"")

    write(*told.log_out())
    new = visitor.get("/inspector/rows/", headers={"HX-PTag": tag})
    assert new.status_code == 200
    assert new["HX-PTag"] != tag
    assert visitor.get("/inspector/rows/?who=x", headers={"HX-PTag": tag}).status_code == 200


def test_the_worst_of_the_last_minutes_is_on_top(visitor: Client, write: Write) -> None:
    write(*told.somebody_elses_link(), *told.silent_log_in())

    page = text(visitor.get("/inspector/"))

    banner = re.search(r'class="banner (\w+)".*?href="([^"]+)"', page)
    assert banner and banner.groups() == ("danger", "/inspector/Stranger01/")


def test_what_was_bad_long_ago_is_not_on_top(visitor: Client, write: Write) -> None:
    write(*told.somebody_elses_link(began=told.BEGAN - 3600))

    assert "banner" not in text(visitor.get("/inspector/"))


# --- One hand-shake ------------------------------------------------------------------------------


def test_each_row_is_an_item_of_an_ordered_list_with_all_that_is_drawn(
    visitor: Client, write: Write
) -> None:
    write(*told.silent_log_in())

    page = text(visitor.get(STORY))

    rows = re.findall(r'<li class="row (\w+)[^>]*id="step-(\d+)"', page)
    assert [int(number) for _, number in rows] == list(range(1, 16))
    assert page.count('<svg class="wire" aria-hidden="true"') == 15
    assert "from Helpdesk to Identity, back channel" in page
    for said in ("HMAC-SHA256", "0.1 s of 30 s at most", "Why:", "Without it:", "stops "):
        assert said in page


@pytest.mark.parametrize("name", [told.SHAKE, f"{told.SHAKE}-request-2"])
def test_it_is_found_by_any_of_its_names(visitor: Client, write: Write, name: str) -> None:
    write(*told.silent_log_in())

    assert "Silent log-in of" in text(visitor.get(f"/inspector/{name}/"))


@pytest.mark.parametrize("name", ["unknown-1234", "x", "..%2f..", "<script>", "a" * 500])
@pytest.mark.parametrize("end", ["", "live/", "diagram.mmd", "diagram.json", "diagram.har"])
def test_one_that_is_not_known_is_a_404_that_says_so(
    visitor: Client, write: Write, name: str, end: str
) -> None:
    page = visitor.get(f"/inspector/{name}/{end}")

    assert page.status_code == 404
    assert "<script>" not in page.content.decode().replace('<script src="', "")


def test_the_newest_has_an_address_of_its_own(visitor: Client, write: Write) -> None:
    assert visitor.get("/inspector/latest/")["Location"] == "/inspector/"
    write(*told.silent_log_in())

    assert visitor.get("/inspector/latest/")["Location"] == STORY


def test_a_diagram_that_has_not_changed_isnt_sent_again(visitor: Client, write: Write) -> None:
    lines = told.silent_log_in()
    write(*lines[:3])
    tag = visitor.get(f"{STORY}live/")["HX-PTag"]
    assert visitor.get(f"{STORY}live/", headers={"HX-PTag": tag}).status_code == 304

    write(*lines[3:])

    assert visitor.get(f"{STORY}live/", headers={"HX-PTag": tag}).status_code == 200


def test_exports_are_of_their_kinds(visitor: Client, write: Write) -> None:
    write(*told.silent_log_in())

    mermaid = visitor.get(f"{STORY}diagram.mmd")
    assert mermaid["Content-Type"] == "text/plain; charset=utf-8"
    assert mermaid.content.startswith(b"sequenceDiagram")
    har = visitor.get(f"{STORY}diagram.har")
    assert har["Content-Disposition"] == f'attachment; filename="{told.SHAKE}.har"'
    assert json.loads(har.content)["log"]["entries"]
    told_rows = visitor.get(f"{STORY}diagram.json").json()["rows"]
    assert [row["number"] for row in told_rows] == list(range(1, 16))
    for answer in (mermaid, har):
        assert answer["X-Content-Type-Options"] == "nosniff"


def test_two_are_compared(visitor: Client, write: Write) -> None:
    write(*told.silent_log_in(), *told.log_out())
    chosen = visitor.get("/inspector/compare/?a=AbCdEf0123&b=Batch-0123456789")
    same = visitor.get("/inspector/compare/?a=AbCdEf0123&b=AbCdEf0123")

    assert "on one side only" in text(chosen)
    assert "15 the same, 0 differ, 0 on one side only" in text(same)
    for odd in ("", "?a=x&b=y", "?a=%00", f"?a={told.SHAKE}"):
        assert "the same," not in text(visitor.get(f"/inspector/compare/{odd}"))


# --- Whatever it is, it runs nothing, and nobody writes here --------------------------------------


def hostile() -> list[dict[str, Any]]:
    """Every text that others can have a say in is a script."""
    lines = told.silent_log_in(user=ALERT)
    for line in lines[:5]:
        line["request"] |= {
            "path": f"/{ALERT}/",
            "query": {ALERT: ALERT},
            "cookies": [ALERT],
            "headers": {ALERT: ALERT},
            "answer_headers": {ALERT: ALERT},
            "location": {"to": ALERT, "query": {ALERT: ALERT}},
            "set_cookies": [{"name": ALERT, "how": ALERT}],
        }
        for taken in line["steps"]:
            taken["facts"] |= {"reason": ALERT, "code": ALERT, "consumer": ALERT, "cause": ALERT}
            taken["details"] |= {"question": {ALERT: ALERT}, "key": ALERT, "algorithm": ALERT}
    lines[-1]["hop"] |= {"path": f"/{ALERT}", "method": ALERT, "upstream_status": ALERT}
    return [{**line, "off": [ALERT]} if "steps" in line else line for line in lines]


@pytest.mark.parametrize(
    "path",
    ["/inspector/", "/inspector/rows/", STORY, f"{STORY}live/",
     f"/inspector/compare/?a={told.SHAKE}&b={told.SHAKE}",
     f"/inspector/?who={ALERT}&app={ALERT}", f"/inspector/compare/?a={ALERT}"],
)  # fmt: skip
def test_nothing_that_was_told_is_more_than_text(visitor: Client, write: Write, path: str) -> None:
    write(*hostile())

    page = visitor.get(path).content.decode()

    assert Active.found_in(page) == []
    if path.startswith(STORY):
        assert "&lt;script&gt;alert(1)" in page


class Active(HTMLParser):
    """Whatever in a page would run, or load, and isn't the desk's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def found_in(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        return parser.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        own = str(given.get("src", "")).startswith("/static/")
        if tag in ("script", "img", "iframe", "object", "embed") and not own:
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]
        if str(given.get("href", "")).lower().startswith(("javascript:", "data:")):
            self.found.append("href")


def test_control_the_hostile_text_would_be_found() -> None:
    assert Active.found_in(f"<p>{ALERT}</p>") == ["script", "img", "onerror"]


@pytest.mark.parametrize("path", ["/", "/inspector/", "/inspector/compare/", "/protocol/", "/x/"])
def test_pages_load_and_run_nothing_from_elsewhere(
    visitor: Client, write: Write, path: str
) -> None:
    policy = visitor.get(path)["Content-Security-Policy"]

    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    page = visitor.get(path).content.decode()
    for inline in ("<style", "style=", "<script>", "onclick", "javascript:", "hx-on"):
        assert inline not in page


def addresses() -> list[str]:
    """All that the desk has, but its files."""
    found = []
    for name in get_resolver().reverse_dict:
        if isinstance(name, str):
            try:
                found.append(reverse(name))
            except NoReverseMatch:
                found.append(reverse(name, kwargs={"name": told.SHAKE}))
    return sorted(found)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_nobody_can_write_here(visitor: Client, write: Write, method: str) -> None:
    assert len(addresses()) > 8
    for path in addresses():
        answer = visitor.generic(method, path, json.dumps(told.silent_log_in()[0]))
        assert answer.status_code == 405, path

    assert lines_of(visitor.get("/inspector/")) == []


def test_the_desk_has_no_people_no_sessions_and_none_of_the_others_keys() -> None:
    of_people = {"django.contrib.auth", "django.contrib.sessions", "sso_kit.client"}
    assert not of_people & set(settings.INSTALLED_APPS)
    assert "sso_kit.server" not in settings.INSTALLED_APPS
    secrets = [name for name in os.environ if name.endswith(("_KEY_FILE", "_KEY"))]
    assert [name for name in secrets if "SSO" in name or "CLIENT" in name] == []
    assert not hasattr(settings, "SSO_PRIVATE_KEY")


def test_it_sets_no_cookie(visitor: Client, write: Write) -> None:
    write(*told.silent_log_in())
    for path in ("/", "/inspector/", STORY, "/protocol/"):
        assert not visitor.get(path).cookies


# --- The front page and the protocol -------------------------------------------------------------


def test_the_front_page_says_what_answers_and_who_can_sign_in(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Answer:
        def __init__(self, status: int) -> None:
            self.status = status

    def asked(method: str, url: str, headers: dict[str, str], **_: Any) -> Answer:
        host = headers["Host"].partition(":")[0]
        if host == "app-a.localhost":
            raise urllib3.exceptions.HTTPError
        return Answer(502 if host == "app-b.localhost" else 200)

    monkeypatch.setattr(urllib3, "request", asked)
    page = text(visitor.get("/"))

    for said in ("answers</span>", "nginx doesn't answer", "answers with 502"):
        assert said in page
    for person in table.load().people:
        assert person.password in page
    assert page.count("<li><p>") == views.IDEAS_SHOWN


def test_outside_lab_mode_it_shows_nobody(visitor: Client, settings: Any) -> None:
    settings.LAB_MODE = False

    assert "alice-in-the-lab" not in text(visitor.get("/"))


def test_the_protocol_is_there_with_its_tables(visitor: Client) -> None:
    page = text(visitor.get("/protocol/"))

    assert "<h1" in page and "The protocol, as it is" in page
    assert page.count("<table") > 10


def test_health_is_reported(visitor: Client, db: None) -> None:
    assert visitor.get("/healthz").json() == {"status": "ok", "site": "lab_desk"}


def test_the_projects_checks_pass() -> None:
    call_command("check")


def test_the_steps_of_the_kit_are_the_ones_that_are_told() -> None:
    assert {step.name for step in Step} == set(Step.__members__)
