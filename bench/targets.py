"""What the lab promises, and whether this run kept it."""

from __future__ import annotations

from collections.abc import Iterable
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
    summary = results["summary"]
    alone, together = summary[ALONE], summary[TOGETHER]
    speed = middle(together, "hardened", "per_second") / middle(together, "stock", "per_second")
    slowest = middle(together, "hardened", "p99") / middle(together, "stock", "p99")
    pages = summary[PAGE]
    page = middle(pages, "hardened", "cpu_total") / middle(pages, "floor", "cpu_total")
    cpu = middle(alone, "hardened", "cpu_total")
    login = middle(summary[LOGIN], "hardened", "cpu_total")
    hops = results["counts"]["hardened"]["hops"]
    memory = max(_workers(results["memory"]["hardened"]))
    targets = [
        at_most("silent hand-shake, CPU of all processes", cpu, 12, "ms"),
        at_least("hand-shakes per second at c=16 against stock", speed, 3, "×"),
        at_most("p99 at c=16 against stock", slowest, 0.5, "×"),
        at_most("front-channel hops", hops, 4, ""),
        at_most("full log-in, CPU", login, 60, "ms"),
        at_most("authenticated page against the floor's", page, 1.5, "×"),
        at_most("memory of the largest worker", memory, 80, "MB"),
    ]
    return targets + list(_others(results))


def _others(results: dict[str, Any]) -> Iterable[Target]:
    if "imports" in results:
        slowest = max(site["wall"] for site in results["imports"].values())
        yield at_most("import of the slowest site", slowest, 0.8, "s")
    if "crowd" in results:
        change = abs(results["crowd"]["change"])
        yield at_most("change with a full database", change * 100, 10, "%")
    if "make_up" in results:
        yield at_most("warm make up, local", results["make_up"]["local"], 6, "s")


def middle(by_name: dict[str, Any], name: str, figure: str) -> float:
    return float(by_name[name][figure]["median"])


def at_most(text: str, found: float, limit: float, unit: str) -> Target:
    return Target(text, f"≤ {limit:g} {unit}".strip(), _figure(found, unit), found <= limit)


def at_least(text: str, found: float, limit: float, unit: str) -> Target:
    return Target(text, f"≥ {limit:g} {unit}".strip(), _figure(found, unit), found >= limit)


def _figure(value: float, unit: str) -> str:
    return f"{value:.3g} {unit}".strip()


def _workers(memory: dict[str, Any]) -> Iterable[float]:
    return (worker["rss"] for name in ("server", "client") for worker in memory[name])


def guard(results: dict[str, Any]) -> list[Target]:
    """Ratios with a generous margin, for machines that are shared and slow."""
    alone, together = results["summary"][ALONE], results["summary"][TOGETHER]
    speed = middle(together, "hardened", "per_second") / middle(together, "stock", "per_second")
    cpu = middle(alone, "hardened", "cpu_total")
    return [
        at_least("guard: per second at c=16 against stock", speed, 1.5, "×"),
        at_most("guard: CPU against stock", cpu / middle(alone, "stock", "cpu_total"), 0.7, "×"),
        at_most("guard: CPU against the floor", cpu / middle(alone, "floor", "cpu_total"), 6, "×"),
    ]
