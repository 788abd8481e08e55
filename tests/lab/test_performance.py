"""docs/performance.md is made of figures that were kept, and says so where a target is missed."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from bench import report, targets

REMEDY = "run: .venv/bin/python -m bench.report docs/performance.json"


@pytest.fixture
def results() -> Any:
    return json.loads(report.FIGURES.read_text())


def test_the_page_is_made_from_the_figures(results: Any) -> None:
    assert report.page(results, report.TEMPLATE.read_text()) == report.PAGE.read_text(), REMEDY


def test_a_machine_of_half_the_speed_gets_the_same_verdicts(results: Any) -> None:
    """All that is said of speed is a ratio; what takes seconds at all has room."""
    slow = copy.deepcopy(results)
    for by_name in slow["summary"].values():
        for figures in by_name.values():
            for name, factor in (("cpu_total", 2), ("p99", 2), ("per_second", 0.5)):
                figures[name]["median"] *= factor

    assert targets.judge(slow) == targets.judge(results)
    assert targets.guard(slow) == targets.guard(results)


def test_a_hand_shake_that_costs_more_than_a_third_of_stocks_is_a_miss(results: Any) -> None:
    together = results["summary"][targets.TOGETHER]
    verdicts = []
    for part in (0.32, 0.34):
        stock = targets.middle(together, "stock", "cpu_total")
        together["hardened"]["cpu_total"]["median"] = stock * part
        verdicts.append(targets.judge(results)[0].verdict)

    assert verdicts == ["pass", "FAIL"]
