"""The plot of ``docs/performance.md``: two rows of bars, written as SVG by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.targets import ALONE, TOGETHER, middle

WIDTH, LEFT, BAR, GAP = 760, 100, 22, 10
COLOURS = {"nginx": "#9aa0a6", "server": "#4f46e5", "client": "#0d9488"}
ORDER = ("hardened", "stock", "floor")
STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2430}.title{font-weight:600}.muted{fill:#5b6472}"
)


def svg(summary: dict[str, Any]) -> str:
    """CPU per hand-shake by process, and hand-shakes per second with their spread."""
    lines = [*_cpu(summary[ALONE], 34), *_speed(summary[TOGETHER], 190)]
    height = 190 + 34 + 3 * (BAR + GAP) + 6
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="CPU time per hand-shake and hand-shakes per second of the three subjects">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        *lines,
        "</svg>\n",
    ])  # fmt: skip


def _cpu(by_name: dict[str, Any], top: int) -> Iterator[str]:
    yield _text(12, top - 12, "CPU per silent hand-shake, milliseconds", "title")
    yield from _legend(top - 12)
    scale = _scale(max(middle(by_name, name, "cpu_total") for name in ORDER))
    for number, name in enumerate(ORDER):
        y, x = top + number * (BAR + GAP), float(LEFT)
        yield _text(12, y + 16, name)
        for group, colour in COLOURS.items():
            width = by_name[name]["cpu"][group]["median"] * scale
            yield _bar(x, y, width, colour)
            x += width
        yield _text(x + 8, y + 16, f"{middle(by_name, name, 'cpu_total'):.1f}", "muted")


def _speed(by_name: dict[str, Any], top: int) -> Iterator[str]:
    yield _text(12, top - 12, "Hand-shakes per second, 16 at a time (line: all rounds)", "title")
    scale = _scale(max(by_name[name]["per_second"]["high"] for name in ORDER))
    for number, name in enumerate(ORDER):
        y, found = top + number * (BAR + GAP), by_name[name]["per_second"]
        yield _text(12, y + 16, name)
        yield _bar(LEFT, y, found["median"] * scale, COLOURS["client"])
        low, high = (LEFT + found[end] * scale for end in ("low", "high"))
        middle_y = y + BAR / 2
        yield (
            f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{middle_y}" y2="{middle_y}" '
            'stroke="#1f2430" stroke-width="2"/>'
        )
        yield _text(max(high, LEFT) + 8, y + 16, f"{found['median']:.0f}", "muted")


def _legend(y: float) -> Iterator[str]:
    for number, (group, colour) in enumerate(COLOURS.items()):
        x = WIDTH - 250 + number * 80
        yield _bar(x, y - 10, 12, colour, 12)
        yield _text(x + 18, y, group, "muted")


def _scale(largest: float) -> float:
    return (WIDTH - LEFT - 70) / largest


def _bar(x: float, y: float, width: float, colour: str, height: float = BAR) -> str:
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, kind: str = "") -> str:
    style = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y}"{style}>{text}</text>'
