"""docs/protocol.md taken apart: what it states, a sentence or a table's row at a time."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lab.table import ROOT
from tests.mutants.catalogue import PROSE

PAGE = ROOT / "docs" / "protocol.md"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
# After a full stop, and not after one that is part of a number or a name.
END_OF_SENTENCE = re.compile(r"(?<=[.?!])(?<!e\.g\.)(?<!i\.e\.)\s+(?=[A-Z`*\"(])")
RULE = re.compile(r"\|[\s|:-]+\|")


@dataclass(frozen=True)
class Statement:
    """A sentence, or a row: then any of its cells, or of their sentences, names it."""

    text: str
    names: frozenset[str]


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def statements(page: str | None = None) -> list[Statement]:
    """Everything between headings, code blocks left out."""
    text = FENCE.sub("", PAGE.read_text() if page is None else page)
    return [found for block in re.split(r"\n\s*\n", text) for found in _of(block.strip())]


def _of(block: str) -> Iterator[Statement]:
    if block.startswith("#") or not block:
        return
    if block.startswith("|"):
        yield from _rows(block.splitlines())
        return
    for item in re.split(r"^[*-] ", block, flags=re.MULTILINE):
        for sentence in END_OF_SENTENCE.split(plain(item)):
            if sentence:
                yield Statement(sentence, frozenset({sentence}))


def _rows(lines: list[str]) -> Iterator[Statement]:
    body = lines[2:] if len(lines) > 1 and RULE.fullmatch(lines[1].strip()) else lines
    for line in body:
        cells = [plain(cell) for cell in line.strip().strip("|").split(" | ")]
        parts = {part for cell in cells for part in END_OF_SENTENCE.split(cell)}
        yield Statement(plain(line), frozenset({*cells, *parts} - {""}))


def naming(name: str, page: list[Statement]) -> list[Statement]:
    """The statements that a sentence or cell names: exactly one, if it is a good name."""
    return [statement for statement in page if plain(name) in statement.names]


def prose(path: Path = PROSE) -> dict[str, str]:
    """Statements that no code can make untrue, and the reason of each."""
    entries = tomllib.loads(path.read_text())["prose"]
    return {entry["text"]: entry["because"] for entry in entries}
