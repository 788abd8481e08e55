"""What the lab promises, and whether this run kept it.

Machines differ by two and more, so speed is promised in ratios of one run: to stock's
subject, or to the floor's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ALONE, TOGETHER = "handshake c=1", "handshake c=16"
LOGIN, PAGE = "login c=1", "page c=1"


@dataclass(frozen=True)
class Target:
    """A promise. ``holds`` is whether ``found`` keeps it."""

    text: str
    wanted: str
    found: str
    holds: bool

    @property
    def verdict(self) -> str:
        return "pass" if self.holds else "FAIL"


def judge(results: dict[str, Any]) -> list[Target]:
    """Each target for which this run has figures."""
    return [*_ratios(results["summary"]), *_counts(results), *_others(results)]


def guard(results: dict[str, Any]) -> list[Target]:
    """Ratios with a generous margin, for machines that are shared and slow."""
    summary = results["summary"]
    speed, stock, floor = _speed(summary), _cpu(summary, "stock"), _cpu(summary, "floor")
    return [
        at_least("guard: per second at c=16 against stock", speed, 1.5, "×"),
        at_most("guard: CPU at c=16 against stock", stock, 0.7, "×"),
        at_most("guard: CPU at c=16 against the floor", floor, 6, "×"),
    ]


def middle(by_name: dict[str, Any], name: str, figure: str) -> float:
    return float(by_name[name][figure]["median"])


def ratio(by_name: dict[str, Any], figure: str, other: str) -> float:
    """The hardened subject's figure in units of another one's."""
    return middle(by_name, "hardened", figure) / middle(by_name, other, figure)


def at_most(text: str, found: float, limit: float, unit: str, also: str = "") -> Target:
    return Target(text, f"≤ {limit:g} {unit}".strip(), figure(found, unit) + also, found <= limit)


def at_least(text: str, found: float, limit: float, unit: str) -> Target:
    return Target(text, f"≥ {limit:g} {unit}".strip(), figure(found, unit), found >= limit)


def figure(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".strip()


def _ratios(summary: dict[str, Any]) -> Iterator[Target]:
    for other, limit in (("stock", 0.33), ("floor", 2.6)):
        alone = f" (c=1: {figure(_cpu(summary, other, ALONE), '×')})"
        text = f"silent hand-shake at c=16, CPU against {other}"
        yield at_most(text, _cpu(summary, other), limit, "×", alone)
    slowest = ratio(summary[TOGETHER], "p99", "stock")
    yield at_least("hand-shakes per second at c=16 against stock", _speed(summary), 3.5, "×")
    yield at_most("p99 at c=16 against stock", slowest, 0.5, "×")
    yield at_most("full log-in, CPU against stock", _cpu(summary, "stock", LOGIN), 0.25, "×")
    page = _cpu(summary, "stock", PAGE)  # stock's subject is the twin, so its page is the twin's
    yield at_most("authenticated page, CPU against the twin's page", page, 1.3, "×")


def _counts(results: dict[str, Any]) -> Iterator[Target]:
    count = results["counts"]["hardened"]
    yield at_most("front-channel hops", count["hops"], 4, "")
    yield at_most("SQL statements of a hand-shake", count["sql"], 17, "")


def _others(results: dict[str, Any]) -> Iterator[Target]:
    """In units: they have room on any machine."""
    workers = results["memory"]["hardened"]
    largest = max(worker["rss"] for role in ("server", "client") for worker in workers[role])
    yield at_most("memory of the largest worker", largest, 80, "MB")
    if "imports" in results:
        slowest = max(site["wall"] for site in results["imports"].values())
        yield at_most("import of the slowest site", slowest, 0.8, "s")
    if "inspector" in results:
        for kind in ("c=1", "c=16"):
            more = (results["inspector"][kind]["ratio"] - 1) * 100
            yield at_most(f"CPU of the inspector at {kind}", more, 5, "%")
    if "crowd" in results:
        change = abs(results["crowd"]["change"])
        yield at_most("change with a full database", change * 100, 10, "%")
    if "make_up" in results:
        yield at_most("warm make up, local", results["make_up"]["local"], 6, "s")


def _speed(summary: dict[str, Any]) -> float:
    return ratio(summary[TOGETHER], "per_second", "stock")


def _cpu(summary: dict[str, Any], other: str, kind: str = TOGETHER) -> float:
    return ratio(summary[kind], "cpu_total", other)
