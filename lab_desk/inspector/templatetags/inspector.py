"""``{% load inspector %}``: the lines of a diagram, and how its numbers are put."""

from __future__ import annotations

from datetime import UTC, datetime

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from ..diagram import Diagram, Row

register = template.Library()
HEADS = {False: "M-10 -5 L0 0 L-10 5 z", True: "M10 -5 L0 0 L10 5 z"}


def _across(lane: int, lanes: int) -> str:
    """Where a lane's line is, in parts of the width."""
    return f"{(lane + 0.5) / lanes * 100:.3f}%"


@register.simple_tag
def wire(diagram: Diagram, row: Row) -> SafeString:
    """A row's drawing: each lane's line, and the arrow or the note's dot. Numbers only."""
    lanes = len(diagram.lanes)
    lines = format_html_join(
        "",
        '<line class="life {}" x1="{}" x2="{}" y1="0" y2="100%"/>',
        (
            (f"of-{lane.css}", _across(number, lanes), _across(number, lanes))
            for number, lane in enumerate(diagram.lanes)
        ),
    )
    return format_html(
        '<svg class="wire" aria-hidden="true" focusable="false">{}{}</svg>',
        lines,
        _dot(diagram, row, lanes) if row.is_note else _arrow(row, lanes),
    )


def _arrow(row: Row, lanes: int) -> SafeString:
    left, right = _across(row.left, lanes), _across(row.right, lanes)
    tip = left if row.leftwards else right
    return format_html(
        '<g class="arrow"><line class="shaft" x1="{}" x2="{}" y1="0" y2="0"/>'
        '<svg x="{}" class="tip"><path class="head" d="{}"/></svg></g>',
        left,
        right,
        tip,
        HEADS[row.leftwards],
    )


def _dot(diagram: Diagram, row: Row, lanes: int) -> SafeString:
    css = f"of-{diagram.lanes[row.left].css}"
    return format_html(
        '<circle class="dot {}" cx="{}" cy="0" r="5"/>', css, _across(row.left, lanes)
    )


@register.filter
def ms(value: float | None) -> str:
    """Milliseconds as people put them: ``0.8 ms``, ``24 ms``, ``1.8 s``, ``2 min 5 s``."""
    if value is None:
        return ""
    if value < 10:
        return f"{value:.1f} ms"
    if value < 1000:
        return f"{value:.0f} ms"
    seconds = value / 1000
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


@register.filter
def size(value: int | None) -> str:
    """Bytes: ``512 B``, ``1.4 kB``."""
    if value is None:
        return ""
    return f"{value} B" if value < 1000 else f"{value / 1000:.1f} kB"


@register.filter
def clock(at: float) -> SafeString:
    """A second since 1970 as a time element, in UTC."""
    when = datetime.fromtimestamp(at, UTC)
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), when.strftime("%H:%M:%S"))


@register.filter
def day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d %b %Y, %H:%M:%S UTC")


@register.filter
def title_of(diagram: Diagram, key: str) -> str:
    """A lane's title."""
    return diagram.lane(key).title
