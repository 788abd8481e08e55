"""One driver process: a thread per person, each with a browser of its own.

Says ``ready``, waits for a line, then measures; answers with one line of JSON. Any flow
that doesn't end on the right person's page ends the process with an error.
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from bench.plan import PASSWORD, Plan, Traveller
from tests.support.browser import Browser, Page


class WrongEnd(Exception):
    """A flow that did not end where it should."""


class Person:
    """A thread's browser and what it does with it."""

    def __init__(self, plan: Plan, who: Traveller) -> None:
        self.plan, self.who = plan, who
        self.browser = Browser()
        self.hops = 0
        self.sign_in_at_server()

    def sign_in_at_server(self) -> None:
        jar = self.browser.cookies.setdefault(self.plan.server_host, {})
        jar[self.plan.server_cookie, "/"] = self.who.session

    def flow(self) -> None:
        """Raises ``WrongEnd``."""
        page, least = getattr(self, self.plan.mode)()
        self.hops = len(page.hops)
        arrived = page.status == 200 and page.url == self.plan.page
        if not arrived or self.who.proof not in page.body or self.hops < least:
            way = ", ".join(f"{hop.step} {hop.status}" for hop in page.hops)
            raise WrongEnd(f"{self.who.name} ended on {page.url}: {way}\n{page.body[:600]}")

    def handshake(self) -> tuple[Page, int]:
        self.browser.cookies.pop(self.plan.app_host, None)
        return self.browser.get(self.plan.page), 3

    def page(self) -> tuple[Page, int]:
        return self.browser.get(self.plan.page), 1

    def login(self) -> tuple[Page, int]:
        self.browser.cookies.clear()
        form = self.browser.get(self.plan.page)
        name, password = self.plan.fields
        page = self.browser.submit(form, {name: self.who.name, password: PASSWORD})
        return page, 3


def measure(plan: Plan) -> dict[str, Any]:
    people = [Person(plan, who) for who in plan.travellers]
    with ThreadPoolExecutor(len(people)) as pool:
        list(pool.map(Person.flow, people))  # connections and caches are warm now
        print("ready", flush=True)
        sys.stdin.readline()
        cpu, start = time.process_time(), time.perf_counter()
        turns, stop = _turns(plan.most), start + plan.seconds
        times = [t for done in pool.map(lambda p: _work(p, turns, stop), people) for t in done]
        elapsed = time.perf_counter() - start
    cpu = time.process_time() - cpu
    return {"ms": times, "seconds": elapsed, "cpu_ms": cpu * 1000, "hops": people[0].hops}


def _work(person: Person, turns: Iterator[int], stop: float) -> list[float]:
    times = []
    while (start := time.perf_counter()) < stop and next(turns, None) is not None:
        person.flow()
        times.append((time.perf_counter() - start) * 1000)
    return times


class _turns:
    """A bounded counter that threads share."""

    def __init__(self, most: int) -> None:
        self.numbers, self.lock = iter(range(most)), threading.Lock()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        with self.lock:
            return next(self.numbers)


def read_plan(text: str) -> Plan:
    raw = json.loads(text)
    raw["travellers"] = tuple(itertools.starmap(Traveller, raw["travellers"]))
    return Plan(**raw)


if __name__ == "__main__":
    try:
        print(json.dumps(measure(read_plan(sys.stdin.readline()))), flush=True)
    except (WrongEnd, OSError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
