"""What the sites and nginx tell, read: whatever isn't as it should be is dropped.

    {"v": 1, "site": ..., "id": ..., "at": ..., "request": {...}, "steps": [...], "off": [...]}
    <190>Nov 27 12:00:00 nginx: {"v": 1, "hop": {"id": ..., "at": ..., ...}}

The first is of a site (``site_common/inspection``), the second of nginx
(``nginx/templates/default.conf.template``).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from lab import table
from sso_kit.events import Step

VERSION = 1
LARGEST = 64 * 1024  # bytes of a datagram
MOST_STEPS, MOST_TEXT = 80, 600
DEEPEST, MOST_ITEMS = 8, 80
NAME = re.compile(r"[A-Za-z0-9_.-]{4,64}")  # of a request, a hand-shake, an act
LATEST = 2**33  # seconds since 1970


class Malformed(Exception):
    """Not one of ours, or not whole."""


@dataclass(frozen=True)
class Taken:
    """A step of ``sso_kit.events``, as one side has told it."""

    step: Step
    at: float
    level: int
    facts: dict[str, Any]
    details: dict[str, Any]

    def fact(self, name: str) -> str:
        return str(self.facts.get(name) or "")


@dataclass(frozen=True)
class Record:
    """What happened at a site in one request, or outside of any.

    Attributes:
        site: by its name in ``lab.toml``.
        id: what the proxy calls the request, or what the act is called; may be empty.
        at: second since 1970 in which it began.
        request: and its answer; ``None`` outside of any.
        off: defences that were off there.
    """

    site: str
    id: str
    at: float
    request: dict[str, Any] | None
    steps: tuple[Taken, ...]
    off: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        return str(self.request["path"]) if self.request else ""

    @property
    def ends(self) -> float:
        """When its answer went out."""
        ms = self.request["ms"] if self.request else 0.0
        last = self.steps[-1].at if self.steps else self.at
        return max(self.at + ms / 1000, last)

    @property
    def names(self) -> frozenset[str]:
        """All that it is known by: the request, its hand-shakes, its acts.

        What has none, as a command has, is called after where and when it was.
        """
        known = {self.id}
        for taken in self.steps:
            known |= {taken.fact("handshake"), taken.fact("batch")}
        names = frozenset(name for name in known if NAME.fullmatch(name))
        return names or frozenset({f"{self.site}-{round(self.at * 1000)}"[-64:]})


@dataclass(frozen=True)
class Hop:
    """A request as nginx saw it; times in seconds, sizes in bytes on the wire."""

    id: str
    at: float
    host: str
    method: str
    path: str
    status: int
    bytes_in: int
    bytes_out: int
    seconds: float
    upstream_status: str = ""


def read(data: bytes | str) -> Record | Hop:
    """Parameters:
        data: a datagram, or what was kept of one.

    Raises:
        Malformed: it isn't in order.
    """
    if len(data) > LARGEST:
        raise Malformed("It is too long.")
    try:
        text = data.decode() if isinstance(data, bytes) else data
        said = json.loads(text[text.index("{") :])
    except (ValueError, RecursionError) as error:
        raise Malformed("It is no JSON.") from error
    if not isinstance(said, dict) or said.get("v") != VERSION:
        raise Malformed("It is of another version.")
    return _hop(said["hop"]) if "hop" in said else _record(said)


def _record(said: dict[str, Any]) -> Record:
    site, name, at = said.get("site"), said.get("id"), said.get("at")
    known = {site.name for site in table.load().sites}
    if not isinstance(site, str) or site not in known or not _is_time(at):
        raise Malformed("It doesn't say where, or when.")
    if not isinstance(name, str) or (name and not NAME.fullmatch(name)):
        raise Malformed("Its name is none.")
    steps, off = said.get("steps"), said.get("off", [])
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS or not _are_texts(off):
        raise Malformed("It has no steps.")
    request = said.get("request")
    return Record(
        site,
        name,
        at,
        None if request is None else _request(request),
        tuple(_taken(each) for each in steps),
        tuple(off),
    )


def _taken(said: Any) -> Taken:
    if not isinstance(said, dict) or not isinstance(said.get("step"), str):
        raise Malformed("A step is none.")
    if said["step"] not in Step.__members__:
        raise Malformed("A step is none.")
    at, level = said.get("at"), said.get("level")
    facts, details = said.get("facts", {}), said.get("details", {})
    if not _is_time(at) or type(level) is not int:
        raise Malformed("A step doesn't say when.")
    if not isinstance(facts, dict) or not isinstance(details, dict):
        raise Malformed("A step's facts are none.")
    return Taken(Step[said["step"]], at, level, _tame(facts), _tame(details))


def _request(said: Any) -> dict[str, Any]:
    """With each field that is needed, of its kind."""
    if not isinstance(said, dict):
        raise Malformed("A request is none.")
    texts = all(isinstance(said.get(name), str) for name in ("method", "path"))
    status, ms = said.get("status"), said.get("ms")
    if not texts or type(status) is not int or not _is_number(ms):
        raise Malformed("A request lacks something.")
    empty: dict[str, Any] = {
        "query": {},
        "cookies": [],
        "headers": {},
        "answer_headers": {},
        "set_cookies": [],
    }
    whole: dict[str, Any] = empty | {"location": None} | _tame(said)
    if not all(isinstance(whole[name], type(value)) for name, value in empty.items()):
        raise Malformed("A request's parts are of another kind.")
    return whole


def _hop(said: Any) -> Hop:
    """Numbers are texts in nginx's log."""
    if not isinstance(said, dict):
        raise Malformed("A hop is none.")
    texts: dict[str, Any] = {name: said.get(name) for name in ("id", "host", "method", "path")}
    if not all(isinstance(value, str) for value in texts.values()):
        raise Malformed("A hop lacks something.")
    try:
        at, seconds = float(said["at"]), float(said["seconds"])
        status, sent, got = (int(said[name]) for name in ("status", "bytes_out", "bytes_in"))
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("A hop's numbers are none.") from error
    if not _is_time(at) or not NAME.fullmatch(texts["id"]) or not math.isfinite(seconds):
        raise Malformed("A hop doesn't say when.")
    upstream = str(said.get("upstream_status", ""))[:20]
    cut = {name: value[:MOST_TEXT] for name, value in texts.items()}
    return Hop(
        cut["id"], at, cut["host"], cut["method"], cut["path"], status, got, sent, seconds, upstream
    )


def _tame(value: Any, depth: int = 0) -> Any:
    """The same shape, with nothing in it that is too long, too deep or too many."""
    if isinstance(value, dict):
        if depth >= DEEPEST:
            return {}
        few = list(value.items())[:MOST_ITEMS]
        return {str(name)[:100]: _tame(each, depth + 1) for name, each in few}
    if isinstance(value, list):
        return [_tame(each, depth + 1) for each in value[:MOST_ITEMS]] if depth < DEEPEST else []
    if isinstance(value, str):
        return value[:MOST_TEXT]
    return value if value is None or isinstance(value, bool) or _is_number(value) else None


def _is_number(value: object) -> TypeGuard[float]:
    return (
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        and abs(value) < 2**53
    )  # fmt: skip


def _is_time(value: object) -> TypeGuard[float]:
    return _is_number(value) and 0 < value < LATEST


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value[:MOST_ITEMS])
