"""The whole benchmark: start the subjects, alternate between them, collect what was found."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django

from bench import meter, subjects, tallies
from bench.plan import Mode
from bench.runs import Crew, Run, measure
from bench.services import Subject

Results = dict[str, Any]
MAY_LOG_IN = ("hardened", "stock")


@dataclass(frozen=True)
class Length:
    """How much is measured; times in seconds."""

    rounds: int
    alone: float  # one flow at a time
    together: float  # sixteen at a time
    page: float
    login: float
    warm: float


FULL = Length(rounds=5, alone=3.0, together=6.0, page=1.5, login=3.0, warm=2.0)
QUICK = Length(rounds=2, alone=1.0, together=2.0, page=0.6, login=1.2, warm=0.7)


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def launch(subject: Subject, stack: ExitStack) -> tuple[Crew, Results]:
    """Start a subject, count one flow, start it again to be measured, and warm it."""
    stack.callback(subject.stop)
    subject.provision()
    subject.start(counting=True)
    subject.wait()
    crew = Crew.of(subject, subjects.PEOPLE)
    counted = tallies.tally(crew)
    subject.stop()
    subject.start()
    subject.wait()
    return crew, counted


def run(folder: Path, length: Length) -> Results:
    """Raises ``Void`` when any flow ends on a wrong page, or a process does."""
    crews, counts = {}, {}
    with ExitStack() as stack:
        for name, make in subjects.ALL.items():
            crews[name], counts[name] = launch(make(folder), stack)
            measure(crews[name], "handshake", subjects.PEOPLE, length.warm)
            say(f"{name:9} is up and warm; one hand-shake: {_counted(counts[name])}")
        runs = [found for number in range(length.rounds) for found in _round(crews, number, length)]
        memory = {name: _memory(crew.subject) for name, crew in crews.items()}
    return {
        "machine": machine(),
        "rounds": length.rounds,
        "counts": counts,
        "summary": summarize(runs),
        "memory": memory,
        "runs": [found.as_json() for found in runs],
    }


def _round(crews: dict[str, Crew], number: int, length: Length) -> Iterator[Run]:
    """A B C in even rounds, C B A in odd ones: none always follows the same other."""
    names = list(crews) if number % 2 == 0 else list(crews)[::-1]
    work: tuple[tuple[Mode, int, float], ...] = (
        ("handshake", 1, length.alone),
        ("handshake", subjects.PEOPLE, length.together),
        ("page", 1, length.page),
        ("login", 1, length.login),
    )
    for mode, concurrency, seconds in work:
        for name in names:
            if mode != "login" or name in MAY_LOG_IN:
                found = measure(crews[name], mode, concurrency, seconds)
                say(f"round {number + 1}  {mode:9} c={concurrency:<2} {name:9} {_said(found)}")
                yield found


def summarize(runs: list[Run]) -> dict[str, dict[str, Any]]:
    """``{"handshake c=16": {"stock": {"per_second": {"median", "low", "high"}, ...}}}``."""
    summary: dict[str, dict[str, Any]] = {}
    for found in runs:
        kind = summary.setdefault(f"{found.mode} c={found.concurrency}", {})
        kind.setdefault(found.subject, []).append(found)
    return {
        kind: {name: _middle(group) for name, group in by_name.items()}
        for kind, by_name in summary.items()
    }


def _middle(group: list[Run]) -> dict[str, Any]:
    names = ("per_second", "p50", "p95", "p99", "cpu_total", "driver_cpu", "driver_share")
    middle = {name: spread([getattr(found, name) for found in group]) for name in names}
    cpu = {key: spread([found.cpu[key] for found in group]) for key in group[0].cpu}
    return {**middle, "cpu": cpu, "hops": group[0].hops, "flows": sum(g.flows for g in group)}


def spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values)}


def machine() -> dict[str, Any]:
    model = next(
        (line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine(),
    )  # fmt: skip
    return {
        "processor": model,
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "python": platform.python_version(),
        "django": django.get_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def save(results: Results, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results, indent=1) + "\n")


def _memory(subject: Subject) -> dict[str, list[dict[str, float]]]:
    """Of each worker, after all that was asked of it."""
    return {
        service.name: [meter.memory_mb(pid) for pid in service.workers()]
        for service in subject.services
    }


def _said(found: Run) -> str:
    cpu = ", ".join(f"{name} {value:.1f}" for name, value in found.cpu.items())
    return (
        f"{found.per_second:7.1f}/s  p50 {found.p50:6.1f} ms  p99 {found.p99:6.1f} ms  "
        f"CPU {found.cpu_total:6.2f} ms ({cpu}; driver {found.driver_share:.0%})"
    )


def _counted(count: dict[str, Any]) -> str:
    return f"{count['hops']} hops, {count['back_channel']} calls, {count['sql']} SQL statements"
