"""One measurement: drivers against a subject for a few seconds, CPU read before and after."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from bench import meter
from bench.plan import Mode, Plan, Traveller
from bench.services import Subject, Void
from lab.table import ROOT

THREADS_PER_DRIVER = 8
MOST_FLOWS = 20_000
ENOUGH = 90.0  # seconds after which a driver is given up


@dataclass
class Crew:
    """A subject with the people who travel in it."""

    subject: Subject
    cookie: str
    travellers: list[Traveller]

    @classmethod
    def of(cls, subject: Subject, count: int) -> Crew:
        cookie, keys = subject.sessions(count)
        names = [f"user{number}" for number in range(count)]
        people = [
            Traveller(name, key, subject.proof.format(name=name))
            for name, key in zip(names, keys, strict=True)
        ]
        return cls(subject, cookie, people)


@dataclass
class Run:
    """What one measurement found; times in milliseconds, CPU in milliseconds per flow."""

    subject: str
    mode: Mode
    concurrency: int
    flows: int
    hops: int
    per_second: float
    p50: float
    p95: float
    p99: float
    cpu: dict[str, float] = field(default_factory=dict)
    driver_cpu: float = 0.0
    driver_share: float = 0.0

    @property
    def cpu_total(self) -> float:
        return sum(self.cpu.values())

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"cpu_total": self.cpu_total}


def measure(
    crew: Crew, mode: Mode, concurrency: int, seconds: float, most: int = MOST_FLOWS
) -> Run:
    """Raises ``Void``."""
    subject = crew.subject
    drivers = [
        _driver(crew, mode, part, seconds, most) for part in _parts(crew.travellers[:concurrency])
    ]
    try:
        for driver in drivers:
            _expect(driver, subject)
        before = meter.cpu_of_groups(subject.groups)
        for driver in drivers:
            _tell(driver, "go")
        answers = [json.loads(_expect(driver, subject)) for driver in drivers]
        after = meter.cpu_of_groups(subject.groups)
    except OSError as error:
        raise Void(f"{subject.name}: a process is gone: {error}\n{subject.logs()}") from error
    finally:
        for driver in drivers:
            _end(driver)
    used = {name: after[name] - before[name] for name in after}
    return _summary(subject.name, mode, concurrency, answers, used)


def _summary(
    name: str, mode: Mode, concurrency: int, answers: list[dict[str, Any]], used: dict[str, float]
) -> Run:
    times = sorted(time for answer in answers for time in answer["ms"])
    seconds = max(answer["seconds"] for answer in answers)
    driver = sum(answer["cpu_ms"] for answer in answers)
    return Run(
        name, mode, concurrency, len(times), answers[0]["hops"], len(times) / seconds,
        statistics.median(times), _quantile(times, 0.95), _quantile(times, 0.99),
        {group: value / len(times) for group, value in used.items()},
        driver / len(times), driver / (driver + sum(used.values())),
    )  # fmt: skip


def _quantile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _parts(people: list[Traveller]) -> list[list[Traveller]]:
    """Several drivers, because one process runs on one core only."""
    return [people[n : n + THREADS_PER_DRIVER] for n in range(0, len(people), THREADS_PER_DRIVER)]


def _driver(
    crew: Crew, mode: Mode, people: list[Traveller], seconds: float, most: int
) -> subprocess.Popen[str]:
    subject = crew.subject
    plan = Plan(
        mode, subject.page, subject.app_host, subject.server_host, crew.cookie, subject.fields,
        tuple(people), seconds, most,
    )  # fmt: skip
    raw = asdict(plan) | {"travellers": [[p.name, p.session, p.proof] for p in people]}
    driver = subprocess.Popen(
        [sys.executable, "-m", "bench.driver"], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    _tell(driver, json.dumps(raw))
    return driver


def _tell(driver: subprocess.Popen[str], line: str) -> None:
    assert driver.stdin is not None
    driver.stdin.write(line + "\n")
    driver.stdin.flush()


def _expect(driver: subprocess.Popen[str], subject: Subject) -> str:
    """The driver's next line. Raises ``Void`` with what it said instead."""
    assert driver.stdout is not None and driver.stderr is not None
    line = driver.stdout.readline()
    if not line:
        said = driver.stderr.read()
        raise Void(f"{subject.name}: {said.strip()[-3000:]}\n{subject.logs()}")
    return line


def _end(driver: subprocess.Popen[str]) -> None:
    """It ends by itself, or is ended."""
    try:
        driver.communicate(timeout=ENOUGH if driver.poll() is not None else 5)
    except subprocess.TimeoutExpired:
        driver.kill()
        driver.communicate()
