"""A diagram for other tools: Mermaid's text, JSON, and HAR, which browsers' own tools open."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from .diagram import BACK, Diagram, Row

# What Mermaid reads as more than text, as the entities that it knows instead (its documentation,
# "Entity codes to escape characters").
IN_MERMAID = {
    ord(sign): entity
    for sign, entity in (
        ("#", "#35;"), (";", "#59;"), ("<", "#lt;"), (">", "#gt;"), ('"', "#quot;"),
        ("%", "#37;"), ("{", "#123;"), ("}", "#125;"), ("[", "#91;"), ("]", "#93;"),
    )
}  # fmt: skip
MOST_TEXT = 160  # characters of a line
HAR_VERSION = "1.2"
EMPTY = {"cookies": [], "headersSize": -1}


def as_mermaid(diagram: Diagram) -> str:
    """A ``sequenceDiagram``, one line a message."""
    lines = ["sequenceDiagram", "    autonumber"]
    for number, lane in enumerate(diagram.lanes):
        lines.append(f"    participant L{number} as {_mermaid(lane.title)}")
    keys = [lane.key for lane in diagram.lanes]
    for row in diagram.rows:
        source, target = f"L{keys.index(row.source)}", f"L{keys.index(row.target)}"
        text = _mermaid(f"{row.title}: {row.line}" if row.line else row.title)
        if row.is_note:
            lines.append(f"    Note over {source}: {text}")
            continue
        arrow = "--x" if row.verdict in ("refused", "failed") else "-->>" if row.is_reply else "->>"
        lines.append(f"    {source}{arrow}{target}: {text}")
        if row.reason:
            lines.append(f"    Note over {source}: {_mermaid(row.reason)}")
    return "\n".join(lines) + "\n"


def _mermaid(text: str) -> str:
    return " ".join(text.split())[:MOST_TEXT].translate(IN_MERMAID)


def as_json(diagram: Diagram) -> dict[str, Any]:
    """All that the page shows."""
    verdict = diagram.verdict
    return {
        "id": diagram.name,
        "kind": str(verdict.kind),
        "who": verdict.who,
        "apps": list(verdict.apps),
        "outcome": verdict.outcome,
        "profile": verdict.profile,
        "began": _time(diagram.story.began),
        "ms": round(verdict.ms, 2),
        "findings": [
            {"severity": each.severity.word, "sentence": each.sentence} for each in verdict.findings
        ],
        "lanes": [{"key": lane.key, "title": lane.title} for lane in diagram.lanes],
        "rows": [_row(row) for row in diagram.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    explanation = row.explanation
    return {
        "number": row.number,
        "kind": row.kind,
        "channel": row.channel,
        "from": row.source,
        "to": row.target,
        "reply": row.is_reply,
        "at_ms": row.ms,
        "title": row.title,
        "line": row.line,
        "status": row.status,
        "took_ms": row.took,
        "bytes": row.size,
        "verdict": row.verdict,
        "reason": row.reason,
        "why": explanation.why,
        "without": explanation.without,
        "defence": explanation.defence,
        "holds": {section.title: dict(section.lines) for section in row.sections},
    }


def as_har(diagram: Diagram) -> dict[str, Any]:
    """HTTP Archive 1.2: an entry for each request and its answer, of both channels.

    Source: the format's description at the W3C ("HTTP Archive (HAR) format").
    """
    return {
        "log": {
            "version": HAR_VERSION,
            "creator": {"name": "Django SSO Lab, inspector", "version": "1"},
            "pages": [
                {
                    "startedDateTime": _time(diagram.story.began),
                    "id": diagram.name,
                    "title": f"{diagram.verdict.kind}: {diagram.verdict.outcome}",
                    "pageTimings": {"onContentLoad": -1, "onLoad": -1},
                }
            ],
            "entries": [
                _entry(diagram, asked, answered) for asked, answered in _pairs(diagram.rows)
            ],
        }
    }


def _pairs(rows: tuple[Row, ...]) -> list[tuple[Row, Row]]:
    """Each request with its answer: the next one that goes the other way, of the same request."""
    pairs, waiting = [], list[Row]()
    for row in rows:
        if row.is_note:
            continue
        if not row.is_reply:
            waiting.append(row)
            continue
        fits = (
            each for each in reversed(waiting)
            if (each.source, each.target, each.channel, each.request_id)
            == (row.target, row.source, row.channel, row.request_id)
        )  # fmt: skip
        asked = next(fits, None)
        if asked:
            waiting.remove(asked)
            pairs.append((asked, row))
    return sorted(pairs, key=lambda pair: pair[0].number)


def _entry(diagram: Diagram, asked: Row, answered: Row) -> dict[str, Any]:
    method, _, path = asked.line.partition(" ")
    host = diagram.lane(asked.target).host or asked.target
    took = answered.took if answered.took is not None else answered.ms - asked.ms
    status = answered.status or 0
    _, _, goes_to = answered.line.partition(" → ")
    channel = "back channel" if asked.channel == BACK else "front channel"
    return {
        "pageref": diagram.name,
        "startedDateTime": _time(asked.at),
        "time": round(took, 2),
        "request": {
            **EMPTY,
            "method": method,
            "url": f"http://{host}{path}",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(asked),
            "queryString": _named(asked, "In the address"),
            "bodySize": -1 if asked.size is None else asked.size,
            **_posted(asked),
        },
        "response": {
            **EMPTY,
            "status": status,
            "statusText": answered.line.partition(" → ")[0].partition(" ")[2] if status else "",
            "httpVersion": "HTTP/1.1",
            "headers": _headers(answered),
            "content": {"size": answered.size or 0, "mimeType": "", "text": _text(answered)},
            "redirectURL": goes_to,
            "bodySize": -1 if answered.size is None else answered.size,
        },
        "cache": {},
        "timings": {"send": 0, "wait": round(took, 2), "receive": 0},
        "comment": f"{channel}: {asked.title}. {answered.reason}".strip(),
    }


def _named(row: Row, title: str) -> list[dict[str, str]]:
    lines = [line for section in row.sections if section.title == title for line in section.lines]
    return [{"name": name, "value": value} for name, value in lines]


def _headers(row: Row) -> list[dict[str, str]]:
    return _named(row, "Headers")


def _posted(row: Row) -> dict[str, Any]:
    lines = _named(row, "Signed question")
    text = "\n".join(f"{line['name']}: {line['value']}" for line in lines)
    return {"postData": {"mimeType": "application/json", "text": text}} if lines else {}


def _text(row: Row) -> str:
    lines = _named(row, "Signed answer")
    return "\n".join(f"{line['name']}: {line['value']}" for line in lines)


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
