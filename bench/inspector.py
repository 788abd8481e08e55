"""What the inspector costs a hand-shake: the same lab with it and without, in turns, in one run."""

from __future__ import annotations

import statistics
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import subjects
from bench.plan import Mode
from bench.runs import Crew, measure
from bench.session import launch, say

ROUNDS = 24
HAND_SHAKE: Mode = "handshake"
# How many at a time, and for how many seconds.
WORK = ((1, 0.7), (subjects.PEOPLE, 0.9))


def compare(folder: Path, rounds: int = ROUNDS) -> dict[str, Any]:
    """CPU-ms of a hand-shake, off and on, and the median of the rounds' ratios.

    The desk's processes count as well: nobody looks at it meanwhile.
    """
    found: dict[str, dict[str, list[float]]] = {}
    with ExitStack() as stack:
        crews: dict[str, Crew] = {}
        for name, make in (("off", subjects.hardened), ("on", subjects.inspected)):
            crews[name], _ = launch(make(folder / "inspector"), stack)
            measure(crews[name], HAND_SHAKE, subjects.PEOPLE, 2.0)
        for number in range(rounds):
            for concurrency, seconds in WORK:
                for name in list(crews)[:: 1 if number % 2 == 0 else -1]:
                    run = measure(crews[name], HAND_SHAKE, concurrency, seconds)
                    spent = found.setdefault(f"c={concurrency}", {"off": [], "on": []})
                    spent[name].append(run.cpu_total)
    results = {kind: _summary(spent) for kind, spent in found.items()}
    for kind, each in results.items():
        say(f"inspector {kind}: {each['off']:.2f} to {each['on']:.2f} CPU-ms, ×{each['ratio']:.3f}")
    return {"rounds": rounds, **results}


def _summary(spent: dict[str, list[float]]) -> dict[str, float]:
    """Of each round's pair, since the machine is another one from round to round."""
    ratios = [on / off for off, on in zip(spent["off"], spent["on"], strict=True)]
    return {
        "off": statistics.median(spent["off"]),
        "on": statistics.median(spent["on"]),
        "ratio": statistics.median(ratios),
    }
