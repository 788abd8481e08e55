"""A story as a sequence diagram: who takes part, and what goes from whom to whom.

A request and its answer are two arrows, a step is a note on the lane of the side that took it, and
time runs downwards. A call of the back channel is drawn as its caller has told it; what the other
side did meanwhile stands between its two arrows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lab import table
from lab.table import Site
from sso_kit.events import Step

from . import explanations
from .book import Exchange, Story
from .explanations import Explanation
from .judgement import REFUSALS, Verdict, judge
from .records import Hop, Taken

FRONT, BACK, NOTE = "front", "back", "note"
HTTPS_PREFIX = "__Host-"
# The steps that are an answer's arrow, and those that are a call's of the server.
ANSWERS = (Step.ANSWERED, Step.ANSWER_REFUSED, Step.ANSWER_UNFIT, Step.NO_ANSWER)
CALLS = (Step.APP_TOLD, Step.APP_NOT_TOLD)
QUESTIONS = {
    "request-token": "request_token",
    "verify": "verify",
    "session": "session",
    "sign-out": "sign_out",
    "session-ended": "session_ended",
}
# Names of all messages: each has its row in explanations.toml.
MESSAGES = (
    "visit", "page", "authorize", "choose", "form", "credentials", "finish", "leave", "log_out",
    "stranger", "sent_to_server", "sent_to_form", "form_shown", "logged_in", "sent_back",
    "sent_back_empty", "let_in", "guest", "signed_out", "page_shown", "refused",
    "refused_stranger", "answer_refused", "no_answer", "not_confirmed",
    *(f"{way}_{question}" for question in QUESTIONS.values() for way in ("ask", "answer")),
)  # fmt: skip
# What the front channel's addresses are for: the end of the path, and the method.
PLACES = {
    ("authorize", "GET"): "authorize",
    ("authorize", "POST"): "choose",
    ("authenticate", "GET"): "finish",
    ("sso-logout", "POST"): "leave",
}
# An answer, by the steps that were taken before it; the first that fits.
REPLIES = (
    (Step.SIGNED_IN, "let_in"),
    (Step.NOBODY_THERE, "guest"),
    (Step.ACCESS_TOKEN_ISSUED, "sent_back"),
    (Step.NOT_SIGNED_IN, "sent_back_empty"),
    (Step.CHOICE_NEEDED, "form_shown"),
    (Step.LOG_IN_NEEDED, "sent_to_form"),
    (Step.LOG_IN_SHOWN, "form_shown"),
    (Step.LOGGED_IN, "logged_in"),
    (Step.SIGNED_OUT, "signed_out"),
    (Step.LOGGED_OUT, "signed_out"),
    (Step.BEGUN, "sent_to_server"),
)


@dataclass(frozen=True)
class Lane:
    """Somebody who takes part. ``css`` names the colour: a site's own, or one of ours."""

    key: str
    title: str
    host: str
    css: str


@dataclass(frozen=True)
class Section:
    """What an arrow holds, opened: a heading and lines of name and value."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Row:
    """An arrow, or a note.

    Attributes:
        kind: of the explanation: a message's name, or a step's.
        source, target: numbers of lanes; the same one for a note.
        channel: ``front``, ``back`` or ``note``.
        at: second since 1970; ``ms`` since the story's beginning.
        line: what was said, in the field's own words.
        took: milliseconds from the request to this answer.
        verdict: ``refused``, ``failed``, ``warned`` or nothing.
        reason: a refusal's sentence.
    """

    kind: str
    source: str
    target: str
    channel: str
    at: float
    line: str
    is_reply: bool = False
    status: int | None = None
    took: float | None = None
    size: int | None = None
    verdict: str = ""
    reason: str = ""
    sections: tuple[Section, ...] = ()
    request_id: str = ""
    step: Step | None = None
    number: int = 0
    ms: float = 0.0
    left: int = 0
    right: int = 0
    leftwards: bool = False

    @property
    def explanation(self) -> Explanation:
        if self.step is not None:
            return explanations.of_step(self.step)
        return explanations.of_message(self.kind)

    @property
    def is_note(self) -> bool:
        return self.channel == NOTE

    @property
    def title(self) -> str:
        return self.explanation.title


@dataclass(frozen=True)
class Diagram:
    """All of it, ready to be drawn, read out or exported."""

    story: Story
    verdict: Verdict
    lanes: tuple[Lane, ...]
    rows: tuple[Row, ...]

    @property
    def name(self) -> str:
        return self.story.name

    def lane(self, key: str) -> Lane:
        return next(lane for lane in self.lanes if lane.key == key)


BROWSER = Lane("browser", "Browser", "", "browser")
ANOTHER = Lane("another", "Another browser", "", "stranger")
STRANGER = Lane("stranger", "Somebody else", "by the front door", "stranger")


def draw(story: Story) -> Diagram:
    """The diagram of a story, as far as it has been told."""
    rows = _said_once(sorted(_rows(story), key=_when))
    lanes = _lanes(rows)
    keys = [lane.key for lane in lanes]
    began = min((row.at for row in rows), default=0.0)
    placed = []
    for number, row in enumerate(rows, 1):
        source, target = keys.index(row.source), keys.index(row.target)
        placed.append(
            replace(
                row,
                number=number,
                ms=round((row.at - began) * 1000, 2),
                left=min(source, target),
                right=max(source, target),
                leftwards=target < source,
            )
        )
    return Diagram(story, judge(story), tuple(lanes), tuple(placed))


def _when(row: Row) -> tuple[float, int, str]:
    """Of what happened in the same moment the question comes first, and the answer last."""
    rank = 1 if row.is_note else 2 if row.is_reply else 0
    return row.at, rank, row.kind


def _said_once(rows: list[Row]) -> list[Row]:
    """A reason that its note gives isn't given again by the arrows of the same request."""
    noted = {(row.request_id, row.reason) for row in rows if row.is_note and row.reason}
    return [
        replace(row, reason="")
        if not row.is_note and (row.request_id, row.reason) in noted
        else row
        for row in rows
    ]


def _lanes(rows: list[Row]) -> list[Lane]:
    """In one order always: who is outside, the browser, the apps, the server."""
    lab = table.load()
    there = {row.source for row in rows} | {row.target for row in rows}
    apps = [site for site in lab.sites if not site.is_server and not site.kind.hears]
    sites = [Lane(site.name, site.title, site.host, site.name) for site in (*apps, lab.server)]
    outside = [lane for lane in (STRANGER, ANOTHER, BROWSER) if lane.key in there]
    return [*outside, *(lane for lane in sites if lane.key in there)] or [BROWSER]


def _rows(story: Story) -> Iterator[Row]:
    told = _Told(story)
    for exchange in story.exchanges:
        yield from told.front(exchange)
        for taken in exchange.steps:
            if taken.step in ANSWERS:
                yield from told.asked(exchange, taken)
            elif taken.step in CALLS:
                yield from told.called(exchange, taken)
            else:
                yield told.note(exchange, taken)


@dataclass
class _Told:
    """A story that is being drawn: what has to be known of all of it for one of its arrows."""

    story: Story
    cookies: set[str] = field(default_factory=set)
    asked_for: set[tuple[str, str]] = field(default_factory=set)
    called_for: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for exchange in self.story.exchanges:
            for taken in exchange.steps:
                if taken.step is Step.BEGUN and taken.details.get("cookie"):
                    self.cookies.add(str(taken.details["cookie"]))
                if taken.step in ANSWERS and exchange.record:
                    self.asked_for.add((exchange.record.id, _question(taken.fact("path"))))
                if taken.step in CALLS:
                    self.called_for.add(_site_titled(taken.fact("consumer")))

    # --- what a browser asks, and gets -----------------------------------------------------
    def front(self, exchange: Exchange) -> Iterator[Row]:
        """The two arrows of a request; none where another side has told them."""
        record, hop = exchange.record, exchange.hop
        request = record.request if record else None
        if request is None and hop is None:
            return
        path = str(request["path"]) if request else hop.path if hop else ""
        question = _question(path)
        if question and hop is None:
            yield from self._unclaimed(exchange, question)
            return
        who = self._who_asks(exchange, question)
        kind = "stranger" if question else self._place(exchange, path)
        reply = _reply(exchange, question)
        bad = _refusal_in(exchange)
        status = hop.status if hop else int(request["status"]) if request else 0
        method = str(request["method"]) if request else hop.method if hop else ""
        yield Row(
            kind, who, exchange.site, FRONT, exchange.at, f"{method} {path}",
            size=hop.bytes_in if hop else None,
            sections=tuple(_asked_sections(request, hop)),
            request_id=_id_of(exchange),
        )  # fmt: skip
        yield Row(
            reply, exchange.site, who, FRONT, exchange.ends, _reply_line(status, request),
            is_reply=True, status=status, took=_took(request, hop),
            size=hop.bytes_out if hop else None,
            verdict="refused" if status >= 400 or bad else "",
            reason=bad.fact("reason") if bad else "",
            sections=tuple(_answer_sections(request, hop)),
            request_id=_id_of(exchange),
        )  # fmt: skip

    def _who_asks(self, exchange: Exchange, question: str) -> str:
        """The browser that began it, by its cookie's name; or another one, without it."""
        if question:
            return STRANGER.key
        record = exchange.record
        if not record or not record.request or not self.cookies:
            return BROWSER.key
        if not record.path.rstrip("/").endswith("authenticate"):
            return BROWSER.key
        sent = {str(name).removeprefix(HTTPS_PREFIX) for name in record.request["cookies"]}
        # A cookie's name is longer than what is shown of a word: its beginning has to do.
        return BROWSER.key if sent & self.cookies else ANOTHER.key

    def _place(self, exchange: Exchange, path: str) -> str:
        end = path.strip("/").rpartition("/")[2]
        request = exchange.record.request if exchange.record else None
        method = str(request["method"]) if request else "GET"
        if (end, method) in PLACES:
            return PLACES[end, method]
        steps = {taken.step for taken in exchange.steps}
        if Step.LOG_IN_FAILED in steps or Step.LOGGED_IN in steps:
            return "credentials"
        if Step.LOG_IN_SHOWN in steps:
            return "credentials" if method == "POST" else "form"
        if Step.LOGGED_OUT in steps:
            return "log_out"
        return "visit" if Step.BEGUN in steps else "page"

    # --- the back channel -------------------------------------------------------------------
    def asked(self, exchange: Exchange, taken: Taken) -> Iterator[Row]:
        """An app's question to the server, and what came back."""
        server, kind = table.load().server.name, QUESTIONS.get(_question(taken.fact("path")), "")
        yield from _call(exchange, taken, exchange.site, server, kind or "request_token")

    def called(self, exchange: Exchange, taken: Taken) -> Iterator[Row]:
        """The server's word to an app that a sign-in has ended."""
        app = _site_titled(taken.fact("consumer")) or STRANGER.key
        yield from _call(exchange, taken, exchange.site, app, "session_ended")

    def _unclaimed(self, exchange: Exchange, question: str) -> Iterator[Row]:
        """A question of which only who was asked has told."""
        record = exchange.record
        if record is None or record.request is None:
            return
        if (record.id, question) in self.asked_for or (
            question == "session-ended" and exchange.site in self.called_for
        ):
            return
        kind, source = QUESTIONS[question], self._asker(exchange, question)
        said = [taken for taken in exchange.steps if taken.details]
        bad = _refusal_in(exchange)
        details = said[0].details if said else {}
        line = f"{record.request['method']} {record.path}"
        yield Row(
            f"ask_{kind}", source, exchange.site, BACK, record.at, line,
            sections=tuple(_back_sections(details)), request_id=record.id,
        )  # fmt: skip
        status = int(record.request["status"])
        yield Row(
            "answer_refused" if bad or status >= 400 else f"answer_{kind}",
            exchange.site, source, BACK, record.ends, _phrase(status),
            is_reply=True, status=status, took=float(record.request["ms"]),
            verdict="refused" if bad or status >= 400 else "",
            reason=bad.fact("reason") if bad else "", request_id=record.id,
        )  # fmt: skip

    def _asker(self, exchange: Exchange, question: str) -> str:
        if question == "session-ended":
            return table.load().server.name if not _refusal_in(exchange) else STRANGER.key
        named = [taken.fact("consumer") for taken in exchange.steps if taken.fact("consumer")]
        return (_site_titled(named[0]) if named else "") or STRANGER.key

    # --- steps ------------------------------------------------------------------------------
    def note(self, exchange: Exchange, taken: Taken) -> Row:
        refused = taken.step in REFUSALS
        verdict = "refused" if refused else "warned" if taken.level >= 30 else ""
        return Row(
            taken.step.name, exchange.site, exchange.site, NOTE, taken.at, _facts_line(taken),
            verdict=verdict, reason=taken.fact("reason") if refused else "",
            sections=tuple(_note_sections(taken)),
            request_id=_id_of(exchange), step=taken.step,
        )  # fmt: skip


def _call(exchange: Exchange, taken: Taken, source: str, target: str, kind: str) -> Iterator[Row]:
    """Question and answer, as who asked has told them."""
    details = taken.details
    ms = details.get("ms") if isinstance(details.get("ms"), int | float) else 0.0
    status = details.get("status") or taken.facts.get("status")
    path = str(details.get("path") or f"/{taken.fact('path')}")
    failed = taken.step in (Step.NO_ANSWER, Step.APP_NOT_TOLD)
    refused = taken.step in (Step.ANSWER_REFUSED, Step.ANSWER_UNFIT)
    reply = f"answer_{kind}"
    if failed:
        reply = "not_confirmed" if taken.step is Step.APP_NOT_TOLD else "no_answer"
    elif refused:
        reply = "answer_refused"
    question = {name: value for name, value in details.items() if name not in OF_ANSWER}
    answer = {name: value for name, value in details.items() if name in (*OF_ANSWER, *OF_BOTH)}
    method = details.get("method", "POST")
    yield Row(
        f"ask_{kind}", source, target, BACK, taken.at - float(ms or 0) / 1000, f"{method} {path}",
        size=_whole(details.get("bytes_sent")), sections=tuple(_back_sections(question)),
        request_id=_id_of(exchange),
    )  # fmt: skip
    yield Row(
        reply, target, source, BACK, taken.at,
        _phrase(int(status)) if isinstance(status, int) else "no answer",
        is_reply=True, status=status if isinstance(status, int) else None,
        took=float(ms or 0) or None, size=_whole(details.get("bytes_received")),
        verdict="failed" if failed else "refused" if refused else "",
        reason=taken.fact("reason") if failed or refused else "",
        sections=(*_back_sections(answer), *_fact_sections(taken)),
        request_id=_id_of(exchange),
    )  # fmt: skip


OF_SIGNED = (
    "headers", "question", "answer", "dialect", "algorithm", "key", "signature", "age_s", "limit_s",
)  # fmt: skip
OF_BOTH = ("dialect", "algorithm", "key")
OF_ANSWER = ("answer", "signature", "age_s", "limit_s", "status", "bytes_received", "ms")


def _question(path: str) -> str:
    """Which question of the back channel an address is for; empty for any other."""
    end = path.strip("/").rpartition("/")[2]
    return end if end in QUESTIONS else ""


def _reply(exchange: Exchange, question: str) -> str:
    if question:
        return "refused_stranger"
    steps = {taken.step for taken in exchange.steps}
    if _refusal_in(exchange):
        return "refused"
    found = next((name for step, name in REPLIES if step in steps), None)
    return found or "page_shown"


def _refusal_in(exchange: Exchange) -> Taken | None:
    """Of this side: a refused answer that the app has put up with is none."""
    own = (Step.REFUSED, Step.AUTHORIZE_REFUSED, Step.QUESTION_REFUSED, Step.CALL_REFUSED)
    return next((taken for taken in exchange.steps if taken.step in own), None)


def _reply_line(status: int, request: Mapping[str, Any] | None) -> str:
    location = request["location"] if request else None
    to = f" → {location['to']}" if isinstance(location, dict) and location.get("to") else ""
    return f"{_phrase(status)}{to}"


def _phrase(status: int) -> str:
    words = {
        200: "OK", 302: "Found", 303: "See Other", 304: "Not Modified", 400: "Bad Request",
        403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict",
        413: "Content Too Large", 429: "Too Many Requests", 500: "Internal Server Error",
        502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
    }  # fmt: skip
    return f"{status} {words.get(status, '')}".strip()


def _took(request: Mapping[str, Any] | None, hop: Hop | None) -> float | None:
    if hop and hop.seconds:
        return round(hop.seconds * 1000, 1)
    return float(request["ms"]) if request else None


def _id_of(exchange: Exchange) -> str:
    return exchange.record.id if exchange.record else exchange.hop.id if exchange.hop else ""


def _site_titled(title: str) -> str:
    found: Site | None = table.load().meant(title) if title else None
    return found.name if found else ""


def _whole(value: object) -> int | None:
    return value if type(value) is int else None


# --- what an arrow holds -------------------------------------------------------------------


def _lines(value: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    """An object as lines, one in another by its path: ``user.email``."""
    for name, each in value.items():
        if isinstance(each, Mapping) and each:
            yield from _lines(each, f"{before}{name}.")
        else:
            yield f"{before}{name}", _word(each)


def _word(value: Any) -> str:
    if value is None or value == "" or value == [] or value == {}:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(_word(each) for each in value)
    return str(value)


def _section(title: str, value: Any) -> Iterator[Section]:
    if isinstance(value, Mapping) and value:
        yield Section(title, tuple(_lines(value)))


def _asked_sections(request: Mapping[str, Any] | None, hop: Hop | None) -> Iterator[Section]:
    if request:
        yield from _section("In the address", request["query"])
        yield from _section("Headers", request["headers"])
        if request["cookies"]:
            names = tuple((str(name), "sent") for name in request["cookies"])
            yield Section("Cookies, by name", names)
    if hop:
        yield from _section("At nginx", {"request id": hop.id, "host": hop.host})


def _answer_sections(request: Mapping[str, Any] | None, hop: Hop | None) -> Iterator[Section]:
    if request:
        location = request["location"]
        if isinstance(location, Mapping):
            yield from _section("Sent on to", location)
        cookies = [each for each in request["set_cookies"] if isinstance(each, Mapping)]
        if cookies:
            lines = tuple((str(each.get("name")), str(each.get("how"))) for each in cookies)
            yield Section("Cookies, set", lines)
        yield from _section("Headers", request["answer_headers"])
        yield from _section("At the site", {"milliseconds": request["ms"]})
    if hop:
        seen = {"status": hop.status, "of the site": hop.upstream_status, "seconds": hop.seconds}
        yield from _section("At nginx", seen)


def _back_sections(details: Mapping[str, Any]) -> Iterator[Section]:
    """What was signed, and how; how old it was."""
    yield from _section("Headers", details.get("headers"))
    yield from _section("Signed question", details.get("question"))
    yield from _section("Signed answer", details.get("answer"))
    how = {
        "format": details.get("dialect"),
        "algorithm": details.get("algorithm"),
        "key, by its fingerprint": details.get("key"),
        "signature": details.get("signature"),
        "age": _age(details),
    }
    yield from _section("Signature", {name: value for name, value in how.items() if value})


def _age(details: Mapping[str, Any]) -> str:
    age, limit = details.get("age_s"), details.get("limit_s")
    if not isinstance(age, int | float) or not isinstance(limit, int | float):
        return ""
    return f"{age:g} s of {limit:g} s" + (" at most" if age <= limit else ": too old")


def _note_sections(taken: Taken) -> Iterator[Section]:
    details = dict(taken.details)
    for name, title in (("token", "Token"), ("issued", "Issued")):
        token = details.pop(name, None)
        if isinstance(token, Mapping):
            shown = {key: each for key, each in token.items() if key not in ("age_s", "limit_s")}
            yield from _section(title, shown | ({"age": _age(token)} if _age(token) else {}))
    question = {name: details.pop(name) for name in OF_SIGNED if name in details}
    yield from _back_sections(question)
    yield from _section("Details", details)
    yield from _fact_sections(taken)


def _fact_sections(taken: Taken) -> Iterator[Section]:
    facts = {name: value for name, value in taken.facts.items() if value not in ("", None, False)}
    yield from _section("In the log", facts)


def _facts_line(taken: Taken) -> str:
    """What a note says below its title: who, why."""
    names: tuple[str, ...] = ("user", "consumer", "cause", "code", "key")
    if taken.step not in REFUSALS:  # a refusal's reason is shown by itself
        names = (*names, "reason")
    return " · ".join(taken.fact(name) for name in names if taken.fact(name))[:160]
