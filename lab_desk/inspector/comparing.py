"""Two diagrams side by side: what is in one only, and what differs in both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from .diagram import Diagram, Row

# What is another one each time, and says nothing.
ALWAYS_DIFFERS = ("request id", "milliseconds", "seconds", "age", "nonce", "iat", "began", "at",
                  "auth_time", "challenge", "state", "token", "request_token", "access_token",
                  "session.id", "session.began", "handshake", "request_id", "session_expires_in",
                  "redirect_to")  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """A fact that the two don't share; empty where one of them hasn't got it."""

    name: str
    left: str
    right: str


@dataclass(frozen=True)
class Pair:
    """A row of the left, of the right, or of both.

    Attributes:
        mark: ``same``, ``differs``, ``left`` or ``right``.
    """

    left: Row | None
    right: Row | None
    mark: str
    differences: tuple[Difference, ...] = ()


def compare(left: Diagram, right: Diagram) -> list[Pair]:
    """The rows of both, those that mean the same beside each other."""
    one, two = left.rows, right.rows
    matcher = SequenceMatcher(
        None, [_meaning(left, row) for row in one], [_meaning(right, row) for row in two], False
    )
    pairs: list[Pair] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            pairs += [_both(*both) for both in zip(one[a:b], two[c:d], strict=True)]
        elif what == "replace":
            pairs += _replaced(one[a:b], two[c:d])
        else:
            pairs += [Pair(row, None, "left") for row in one[a:b]]
            pairs += [Pair(None, row, "right") for row in two[c:d]]
    return pairs


def _replaced(one: tuple[Row, ...], two: tuple[Row, ...]) -> Iterator[Pair]:
    for row, other in zip_longest(one, two):
        if row and other and (row.channel, row.is_reply) == (other.channel, other.is_reply):
            yield _both(row, other)
            continue
        if row:
            yield Pair(row, None, "left")
        if other:
            yield Pair(None, other, "right")


def _meaning(diagram: Diagram, row: Row) -> tuple[object, ...]:
    """What makes two rows of different stories the same; which app it is doesn't count."""
    return row.kind, row.channel, row.is_reply, _role(row.source), _role(row.target)


def _role(lane: str) -> str:
    return lane if lane in ("browser", "another", "stranger", "server") else "app"


def _both(row: Row, other: Row) -> Pair:
    differences = tuple(_differences(row, other))
    return Pair(row, other, "differs" if differences else "same", differences)


def _differences(row: Row, other: Row) -> Iterator[Difference]:
    left, right = _facts(row), _facts(other)
    for name in [*left, *(name for name in right if name not in left)]:
        if left.get(name) != right.get(name):
            yield Difference(name, left.get(name, ""), right.get(name, ""))


def _facts(row: Row) -> dict[str, str]:
    facts = {"what": row.title, "status": str(row.status or ""), "result": row.verdict}
    facts["reason"] = row.reason
    for section in row.sections:
        for name, value in section.lines:
            if name not in ALWAYS_DIFFERS and name.rpartition(".")[2] not in ALWAYS_DIFFERS:
                facts[f"{section.title}: {name}"] = value
    return {name: value for name, value in facts.items() if value}
