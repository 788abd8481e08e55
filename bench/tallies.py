"""One flow, looked at closely: its requests, its calls and its SQL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench.driver import Person
from bench.plan import Plan
from bench.runs import Crew


def tally(crew: Crew) -> dict[str, Any]:
    """Counts of a subject that runs with ``counting``."""
    subject = crew.subject
    plan = Plan(
        "handshake", subject.page, subject.app_host, subject.server_host, crew.cookie,
        subject.fields, tuple(crew.travellers[:1]), 0, 1,
    )  # fmt: skip
    return _third_flow(Person(plan, crew.travellers[0]), subject.folder / "count.jsonl")


def _third_flow(person: Person, file: Path) -> dict[str, Any]:
    """The first flow makes the account, the second finds workers that have seen nothing."""
    person.flow()
    person.flow()
    seen = len(_lines(file))
    person.flow()
    requests = _lines(file)[seen:]
    return {
        "hops": person.hops,
        "back_channel": len(requests) - person.hops,
        "sql": sum(len(request["sql"]) for request in requests),
        "steps": requests,
    }


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
