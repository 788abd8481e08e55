"""docs/protocol.md as a page, each of its lines with an address of its own."""

from __future__ import annotations

import hashlib
import re
from functools import cache

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from lab.table import ROOT

FILE = ROOT / "docs/protocol.md"
BLOCKS = ("paragraph_open", "tr_open", "list_item_open", "heading_open")
NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


@cache
def source() -> str:
    return FILE.read_text()


@cache
def anchor_of(sentence: str) -> str:
    """Of the block that has a piece of the text. Raises ``KeyError`` where none has."""
    lines = source().split("\n")
    number = next((n for n, line in enumerate(lines) if sentence in line), None)
    if number is None:
        raise KeyError(sentence)
    around = [(first, last, ident) for first, last, ident in _blocks() if first <= number < last]
    return min(around, key=lambda block: block[1] - block[0])[2]


@cache
def page() -> SafeString:
    """The page's HTML. The text is the project's own; raw HTML in it is escaped all the same."""
    tokens = _tokens()
    by_place = {first: ident for first, _, ident in _blocks()}
    for token in tokens:
        if token.type in BLOCKS and token.map and token.map[0] in by_place:
            token.attrSet("id", by_place.pop(token.map[0]))
        elif token.type == "table_open":
            token.attrSet("class", "grid")
            token.attrSet("tabindex", "0")  # it scrolls by itself where it is too wide
    parser = _parser()
    text: str = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(text.replace("<pre>", '<pre tabindex="0">'))  # likewise


@cache
def _blocks() -> tuple[tuple[int, int, str], ...]:
    """First line, line after the last, and id of each block."""
    lines, found = source().split("\n"), []
    for token in _tokens():
        if token.type in BLOCKS and token.map:
            first, last = token.map
            text = " ".join(lines[first:last])
            words = NOT_IN_IDS.sub("-", text.lower()).strip("-")[:40].strip("-")
            # A digest tells two that begin alike apart, and stays when lines move.
            found.append((first, last, f"{words}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"))
    return tuple(found)


def _tokens() -> list[Token]:
    return _parser().parse(source())


def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
