"""``python -m bench.report``: the latest full run into ``docs/performance.md`` and its plot.

What people wrote is in ``bench/performance.md.in``; only ``$names`` are filled in here. After
a change of that, ``python -m bench.report docs/performance.json`` fills in the kept figures.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Any

from bench import plot, targets
from lab.table import ROOT

LATEST = ROOT / "bench/results/latest.json"
FIGURES = ROOT / "docs/performance.json"
PAGE = ROOT / "docs/performance.md"
PICTURE = ROOT / "docs/images/performance.svg"
TEMPLATE = ROOT / "bench/performance.md.in"

Results = dict[str, Any]
NAMES = {"hardened": "hardened, as shipped", "stock": "stock django-simple-sso", "floor": "floor"}


def main(source: Path) -> None:
    results = json.loads(source.read_text())
    if results["quick"]:
        sys.exit("The latest run is a quick one: make bench first.")
    write(results)


def write(results: Results) -> None:
    """Keep the figures, without the single runs, and make page and plot from them."""
    kept = {key: value for key, value in results.items() if key != "runs"}
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    FIGURES.write_text(json.dumps(kept, indent=1) + "\n")
    PICTURE.write_text(plot.svg(kept["summary"]))
    PAGE.write_text(page(kept, TEMPLATE.read_text()))


def page(results: Results, template: str) -> str:
    return Template(template).substitute(
        machine="{processor}, {cores} cores; Python {python}, Django {django}; {date}".format(
            **results["machine"]
        ),
        rounds=results["rounds"],
        targets=_targets(results),
        together=_speed(results, targets.TOGETHER),
        alone=_speed(results, targets.ALONE),
        flow=_flow(results),
        login=_speed(results, targets.LOGIN),
        page=_speed(results, targets.PAGE),
        page_ratio=f"{targets.ratio(results['summary'][targets.PAGE], 'cpu_total', 'stock'):.2f}",
        steps=_steps(results),
        memory=_memory(results),
        imports=_imports(results),
        crowd=_crowd(results),
        inspector=_inspector(results),
    )


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *([str(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _inspector(results: Results) -> str:
    found = results["inspector"]
    kinds = {"c=1": "one at a time", "c=16": "sixteen at a time"}
    rows = (
        [words, *(f"{found[kind][name]:.2f}" for name in ("off", "on")),
         f"**{(found[kind]['ratio'] - 1) * 100:+.1f} %**"]
        for kind, words in kinds.items()
    )  # fmt: skip
    return table(["", "CPU-ms, off", "CPU-ms, on", "median of the rounds"], rows)


def _targets(results: Results) -> str:
    rows = ([t.text, t.wanted, t.found, t.verdict] for t in targets.judge(results))
    return table(["target", "wanted", "found", ""], rows)


def _speed(results: Results, kind: str) -> str:
    head = ["", "per second", "p50 ms", "p95 ms", "p99 ms", "CPU-ms", "nginx", "server", "client",
            "driver's share"]  # fmt: skip
    rows = ([NAMES[name], *_figures(row)] for name, row in results["summary"][kind].items())
    return table(head, rows)


def _figures(row: dict[str, Any]) -> list[str]:
    figures = [_spread(row[name]) for name in ("per_second", "p50", "p95", "p99", "cpu_total")]
    groups = [f"{row['cpu'][name]['median']:.2f}" for name in ("nginx", "server", "client")]
    return [*figures, *groups, f"{row['driver_share']['median']:.0%}"]


def _spread(found: dict[str, float]) -> str:
    """Median, then lowest to highest of the rounds."""
    return f"**{_short(found['median'])}** ({_short(found['low'])}–{_short(found['high'])})"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def _flow(results: Results) -> str:
    rows = (
        [NAMES[name], count["hops"], count["back_channel"], count["sql"]]
        for name, count in results["counts"].items()
    )
    return table(["", "front-channel hops", "back-channel calls", "SQL statements"], rows)


def _steps(results: Results) -> str:
    rows = (
        [f"`{step['step']}`", f"{step['cpu_ms']:.2f}", len(step["sql"])]
        for step in results["counts"]["hardened"]["steps"]
    )
    return table(["request", "CPU-ms in Django", "SQL statements"], rows)


def _memory(results: Results) -> str:
    rows = (
        [NAMES[name], *(_largest(services[role]) for role in ("nginx", "server", "client"))]
        for name, services in results["memory"].items()
    )
    return table(["MB of the largest worker, RSS (PSS)", "nginx", "server", "client"], rows)


def _largest(workers: list[dict[str, float]]) -> str:
    worker = max(workers, key=lambda found: found["rss"])
    return f"{worker['rss']:.0f} ({worker['pss']:.0f})"


def _imports(results: Results) -> str:
    rows = ([f"`{name}`", f"{t['wall']:.2f}", f"{t['cpu']:.2f}"]
            for name, t in results["imports"].items())  # fmt: skip
    return table(["site", "seconds", "of CPU"], rows)


def _crowd(results: Results) -> str:
    crowd = results["crowd"]
    rows = [[f"{crowd['empty']:.2f}", f"{crowd['full']:.2f}", f"{crowd['change']:+.1%}"]]
    return table(["empty, CPU-ms", "full, CPU-ms", "change"], rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else LATEST)
