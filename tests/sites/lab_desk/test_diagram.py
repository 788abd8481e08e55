"""What is drawn, and what is said of it, from what was told."""

from __future__ import annotations

import ast
import inspect
import json
import re
import time
from typing import Any

import pytest

from lab.table import ROOT
from lab_desk.desk import protocol
from lab_desk.inspector import comparing, diagram, explanations, exports, judgement
from lab_desk.inspector.diagram import MESSAGES, Diagram, draw
from lab_desk.inspector.judgement import Kind, Severity, judge
from sso_kit.defences import Defence
from sso_kit.events import Step
from tests.sites.lab_desk import told
from tests.sites.lab_desk.test_book import book_of, only_story


def drawn(*lines: dict[str, Any]) -> Diagram:
    return draw(only_story(book_of(*lines)))


def arrows(shown: Diagram) -> list[tuple[str, str, str]]:
    return [(row.kind, row.source, row.target) for row in shown.rows if not row.is_note]


def test_a_silent_log_in_is_ten_arrows_between_three() -> None:
    shown = drawn(*told.silent_log_in())

    assert [lane.key for lane in shown.lanes] == ["browser", "client-b", "server"]
    assert arrows(shown) == [
        ("visit", "browser", "client-b"),
        ("ask_request_token", "client-b", "server"),
        ("answer_request_token", "server", "client-b"),
        ("sent_to_server", "client-b", "browser"),
        ("authorize", "browser", "server"),
        ("sent_back", "server", "browser"),
        ("finish", "browser", "client-b"),
        ("ask_verify", "client-b", "server"),
        ("answer_verify", "server", "client-b"),
        ("let_in", "client-b", "browser"),
    ]
    assert {row.channel for row in shown.rows if "ask_" in row.kind} == {"back"}
    assert [row.number for row in shown.rows] == list(range(1, len(shown.rows) + 1))


def test_each_step_is_a_note_where_it_was_taken() -> None:
    notes = [(row.kind, row.source) for row in drawn(*told.silent_log_in()).rows if row.is_note]

    assert notes == [
        ("BEGUN", "client-b"),
        ("REQUEST_TOKEN_ISSUED", "server"),
        ("ACCESS_TOKEN_ISSUED", "server"),
        ("PERSON_VERIFIED", "server"),
        ("SIGNED_IN", "client-b"),
    ]


def test_an_answer_holds_how_it_was_signed_and_what_it_said() -> None:
    shown = drawn(*told.silent_log_in())
    answer = next(row for row in shown.rows if row.kind == "answer_verify")

    held = {section.title: dict(section.lines) for section in answer.sections}
    assert held["Signature"]["algorithm"] == "HMAC-SHA256"
    assert held["Signature"]["signature"] == "verified"
    assert held["Signature"]["age"] == "0.1 s of 30 s at most"
    assert held["Signed answer"] == {"subject": "1"}
    assert (answer.status, answer.size) == (200, 500)


def test_somebody_elses_link_is_drawn_from_another_browser() -> None:
    shown = drawn(*told.somebody_elses_link())

    assert [lane.key for lane in shown.lanes] == ["another", "browser", "client-b", "server"]
    assert ("finish", "another", "client-b") in arrows(shown)
    assert ("refused", "client-b", "another") in arrows(shown)
    assert shown.verdict.state == "refused"
    assert shown.verdict.worst is not None
    assert shown.verdict.worst.severity is Severity.DANGER


def test_control_the_browser_that_began_it_is_no_other_one() -> None:
    for cookies in ((told.COOKIE,), (f"__Host-{told.COOKIE}",)):
        lanes = drawn(*told.silent_log_in(cookies=cookies)).lanes
        assert "another" not in [lane.key for lane in lanes]


def test_a_question_by_the_front_door_is_a_strangers() -> None:
    refused = told.step(Step.QUESTION_REFUSED, told.BEGAN, code="public-key", reason="No.")
    shown = drawn(
        told.record("server", "front-door-1", told.BEGAN, [refused],
                    told.request("POST", "/sso/verify/", 400)),
        told.hop("front-door-1", "sso.localhost", "/sso/verify/", 400, told.BEGAN, "POST"),
    )  # fmt: skip

    assert arrows(shown) == [
        ("stranger", "stranger", "server"),
        ("refused_stranger", "server", "stranger"),
    ]
    assert shown.verdict.kind is Kind.STRANGER


def test_a_log_out_shows_who_was_told() -> None:
    shown = drawn(*told.log_out())

    assert arrows(shown) == [
        ("log_out", "browser", "server"),
        ("ask_session_ended", "server", "client-a"),
        ("answer_session_ended", "client-a", "server"),
        ("signed_out", "server", "browser"),
    ]
    assert (shown.verdict.kind, shown.verdict.outcome) == (Kind.LOG_OUT, "logged out")


def test_an_app_that_was_not_told_is_seen() -> None:
    record, _ = told.log_out()
    untold = told.step(
        Step.APP_NOT_TOLD, told.BEGAN + 1, {"ms": 1000.0}, consumer="Notes", reason="Timed out."
    )
    shown = drawn({**record, "steps": [*record["steps"][:2], untold]})

    answer = next(row for row in shown.rows if row.kind == "not_confirmed")
    assert (answer.source, answer.verdict, answer.line) == ("client-a", "failed", "no answer")


def test_a_server_that_does_not_answer_is_seen() -> None:
    visit = told.silent_log_in()[0]
    details = {"ms": 2000.0, "path": "/sso/request-token/"}
    facts = {"path": "request-token/", "reason": "ReadTimeout"}
    silent = told.step(Step.NO_ANSWER, told.BEGAN + 2, details, **facts)
    shown = drawn({**visit, "steps": [visit["steps"][0], silent]})

    assert ("no_answer", "server", "client-b") in arrows(shown)
    question = next(row for row in shown.rows if row.kind == "ask_request_token")
    assert question.at == pytest.approx(told.BEGAN)


def test_a_check_of_which_only_the_server_has_told_is_drawn_all_the_same() -> None:
    checked = told.step(Step.SESSION_CHECKED, told.BEGAN, consumer="Notes", user="alice")
    shown = drawn(
        told.record("server", "check-123456", told.BEGAN, [checked],
                    told.request("POST", "/sso/session/", 200))
    )  # fmt: skip

    assert arrows(shown) == [
        ("ask_session", "client-a", "server"),
        ("answer_session", "server", "client-a"),
    ]
    assert shown.verdict.outcome == "session stands"


def test_a_key_that_is_replaced_is_a_note() -> None:
    rotated = told.step(Step.KEY_ROTATED, told.BEGAN, consumer="Notes", key="0123456789ab")
    shown = drawn(told.record("server", "", told.BEGAN, [rotated]))

    assert [(row.kind, row.source) for row in shown.rows] == [("KEY_ROTATED", "server")]
    assert shown.verdict.kind is Kind.KEYS


@pytest.mark.parametrize("step", Step, ids=lambda step: step.name)
@pytest.mark.parametrize("site", ["client-a", "server"])
def test_every_step_can_be_drawn_judged_explained_and_exported(step: Step, site: str) -> None:
    taken = told.step(step, told.BEGAN, path="verify/", consumer="Notes", reason="Why.", code="x")
    shown = drawn(
        told.record(site, "any-request-1", told.BEGAN, [taken], told.request("GET", "/x", 200))
    )

    assert shown.rows
    for row in shown.rows:
        assert row.explanation.why.endswith(".")
    assert json.dumps([exports.as_json(shown), exports.as_har(shown)])
    assert exports.as_mermaid(shown)


# --- The table of explanations ---------------------------------------------------------------


def test_every_step_and_every_message_is_explained_and_nothing_else() -> None:
    assert set(explanations.everything()) == {step.name for step in Step} | set(MESSAGES)


def test_every_message_that_is_drawn_is_in_the_list() -> None:
    """The names stand in the module as texts: whatever is like one has to be one."""
    named = set(diagram.PLACES.values()) | {name for _, name in diagram.REPLIES}
    for node in ast.walk(ast.parse(inspect.getsource(diagram))):
        if isinstance(node, ast.IfExp):
            named |= {
                each.value
                for each in (node.body, node.orelse)
                if isinstance(each, ast.Constant) and isinstance(each.value, str)
            }
    named -= {"", "refused", "failed", "warned", "true", "false", ": too old", " at most", "GET",
              "no answer"}  # fmt: skip

    assert named <= set(MESSAGES)


@pytest.mark.parametrize("name", explanations.everything())
def test_an_explanation_is_two_sentences_and_leads_to_a_line(name: str) -> None:
    row = explanations.everything()[name]

    assert row.title and len(row.title) <= 62 and not row.title.endswith(".")
    for sentence in (row.why, row.without):
        assert re.fullmatch(r"[A-Z].{20,}[^.]\.", sentence)
    assert row.defence == "" or row.defence in set(Defence)
    text = (ROOT / "docs/protocol.md").read_text()
    assert sum(row.says in line for line in text.split("\n")) == 1
    anchor = row.url.partition("#")[2]
    assert f'id="{anchor}"' in protocol.page()


def test_every_defence_is_named_by_a_step() -> None:
    """But for those that no step of a hand-shake shows."""
    named = {row.defence for row in explanations.everything().values()}
    unseen = {Defence.SHORT_LIFE, Defence.REVOKE_ON_LOGOUT, Defence.SAFE_NEXT}

    assert set(Defence) - unseen <= named


# --- Verdicts ----------------------------------------------------------------------------------


def verdict(*steps: Any, **more: Any) -> judgement.Verdict:
    record = told.record("client-b", "request-0001", told.BEGAN, list(steps),
                         told.request("GET", "/", 200), **more)  # fmt: skip
    return judge(only_story(book_of(record)), now=told.BEGAN + 1)


def test_a_passive_question_is_told_from_a_log_in() -> None:
    asked = told.step(Step.BEGUN, told.BEGAN, passive=True)

    assert verdict(asked).kind is Kind.QUESTION
    assert verdict(told.step(Step.BEGUN, told.BEGAN)).kind is Kind.LOG_IN


def test_a_log_in_with_a_form_is_not_silent() -> None:
    begun, done = told.step(Step.BEGUN, 1.0), told.step(Step.SIGNED_IN, 3.0, user="alice")

    assert verdict(begun, done).kind is Kind.SILENT
    assert verdict(begun, told.step(Step.LOG_IN_NEEDED, 2.0), done).kind is Kind.LOG_IN


def test_what_nobody_finishes_is_given_up() -> None:
    record = told.record("client-b", "request-0001", 1000.0, [told.step(Step.BEGUN, 1000.0)])
    story = only_story(book_of(record))

    assert judge(story, now=1010.0).outcome == "under way"
    assert judge(story, now=1000.0 + judgement.GIVEN_UP + 1).outcome == "given up"


def test_a_defence_that_is_off_is_in_the_profile_and_a_warning() -> None:
    found = verdict(told.step(Step.BEGUN, 1.0, {"dialect": "hardened"}), off=["session-binding"])

    assert found.profile == "hardened, without session-binding"
    assert found.worst is not None and "session-binding" in found.worst.sentence


def test_stocks_format_is_in_the_profile() -> None:
    assert verdict(told.step(Step.BEGUN, 1.0, {"dialect": "stock"})).profile == "stock"


@pytest.mark.parametrize("cause", ["idle", "too-long", "expired"])
def test_a_session_that_is_over_by_time_is_a_time_out(cause: str) -> None:
    found = verdict(told.step(Step.SESSION_OVER, 1.0, cause=cause))

    assert (found.kind, found.outcome) == (Kind.TIME_OUT, f"session over: {cause}")


def test_a_browser_that_got_something_else_than_the_site_said_is_a_finding() -> None:
    lines = told.silent_log_in()
    lines[-1]["hop"]["status"] = "504"

    worst = judge(only_story(book_of(*lines)), now=time.time()).worst

    assert worst is not None and "504" in worst.sentence


# --- Exports and comparison ----------------------------------------------------------------------

HOSTILE = '</script><script>alert(1)</script>"; %%{init: {}}%% end\nparticipant X as Y #evil'


def test_nothing_in_a_fact_is_more_than_text_in_mermaid() -> None:
    lines = told.silent_log_in(user=HOSTILE)
    text = exports.as_mermaid(drawn(*lines))

    assert "<" not in text and '"' not in text and "%" not in text and "{" not in text
    assert not [line for line in text.splitlines() if line.strip().startswith("participant X")]
    assert len(text.splitlines()) == 2 + 3 + 15


def test_mermaid_has_each_row_and_lane() -> None:
    text = exports.as_mermaid(drawn(*told.silent_log_in()))

    assert text.startswith("sequenceDiagram\n    autonumber\n    participant L0 as Browser\n")
    assert "    L1->>L2: The app asks for a request token: POST /sso/request-token/\n" in text
    assert "    L2-->>L1: The server answers with a request token: 200 OK\n" in text
    assert "    Note over L2: The server issues a request token: Helpdesk\n" in text


def test_a_har_has_an_entry_for_each_request_as_its_format_wants_them() -> None:
    log = exports.as_har(drawn(*told.silent_log_in()))["log"]

    assert log["version"] == "1.2"
    assert [(entry["request"]["method"], entry["request"]["url"]) for entry in log["entries"]] == [
        ("GET", "http://app-b.localhost/tickets/"),
        ("POST", "http://sso.localhost/sso/request-token/"),
        ("GET", "http://sso.localhost/sso/authorize/"),
        ("GET", "http://app-b.localhost/sso/authenticate/"),
        ("POST", "http://sso.localhost/sso/verify/"),
    ]
    for entry in log["entries"]:
        assert {"startedDateTime", "time", "request", "response", "cache", "timings"} <= set(entry)
        assert {"method", "url", "httpVersion", "cookies", "headers", "queryString",
                "headersSize", "bodySize"} <= set(entry["request"])  # fmt: skip
        assert {"status", "statusText", "httpVersion", "cookies", "headers", "content",
                "redirectURL", "headersSize", "bodySize"} <= set(entry["response"])  # fmt: skip
        assert entry["response"]["status"] in (200, 302)


def test_two_alike_are_the_same() -> None:
    one, two = drawn(*told.silent_log_in()), drawn(*told.silent_log_in("Another123", "alice", 50.0))

    assert {pair.mark for pair in comparing.compare(one, two)} == {"same"}


def test_what_one_side_has_only_is_marked() -> None:
    lines = told.silent_log_in("Another123")
    lines[2]["steps"].insert(0, told.step(Step.LOG_IN_NEEDED, told.BEGAN + 0.021))
    pairs = comparing.compare(drawn(*told.silent_log_in()), drawn(*lines))

    alone = [pair.right.kind for pair in pairs if pair.mark == "right" and pair.right]
    assert alone == ["LOG_IN_NEEDED"]
    assert sum(pair.mark == "same" for pair in pairs) == 15


def test_what_differs_is_named_on_both_sides() -> None:
    weak = told.silent_log_in("Another123")
    weak[0]["steps"][1]["details"] |= {"algorithm": "HMAC-SHA1", "dialect": "stock"}
    pairs = comparing.compare(drawn(*told.silent_log_in()), drawn(*weak))

    differing = {pair.left.kind: pair for pair in pairs if pair.mark == "differs" and pair.left}
    assert set(differing) == {"ask_request_token", "answer_request_token"}
    pair = differing["ask_request_token"]
    found = {(each.name, each.left, each.right) for each in pair.differences}
    assert ("Signature: algorithm", "HMAC-SHA256", "HMAC-SHA1") in found
