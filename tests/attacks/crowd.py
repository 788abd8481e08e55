"""Many people who log in at once, each in a browser of their own."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock

from lab.browser import BrokenAnswer
from tests.attacks import acts
from tests.attacks.pairs import Pair


@dataclass
class Tally:
    """What came of the log-ins; ``wrong``: somebody else was signed in."""

    right: int = 0
    wrong: int = 0
    refused: int = 0
    examples: list[str] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    @property
    def total(self) -> int:
        return self.right + self.wrong + self.refused

    def __str__(self) -> str:
        return f"{self.total} log-ins: {self.wrong} wrong, {self.refused} refused"

    def add(self, person: str, status: int, body: str) -> None:
        found = json.loads(body)["user"] if status == 200 and body.startswith("{") else None
        with self._lock:
            self.right += found == person
            self.wrong += found not in (person, None)
            self.refused += found is None
            if found != person:
                self.examples.append(f"{person}: {status} {found or body[:200]}")


def log_in(
    pair: Pair, people: int, each: int, progress: Callable[[Tally], None] = lambda tally: None
) -> Tally:
    """Every person logs in ``each`` times, all people at the same time."""
    tally = Tally()
    with ThreadPoolExecutor(people) as pool:
        for done in [pool.submit(_one_person, pair, f"user{number}", each, tally, progress)
                     for number in range(people)]:  # fmt: skip
            done.result()
    return tally


def _one_person(
    pair: Pair, person: str, each: int, tally: Tally, progress: Callable[[Tally], None]
) -> None:
    browser = acts.sign_in_at_server(pair, person)
    for _ in range(each):
        browser.cookies.pop(pair.client.host, None)
        try:
            page = browser.get(f"{pair.client.url}/in/")
            tally.add(person, page.status, page.body)
        except BrokenAnswer as error:
            tally.add(person, 0, str(error))
        progress(tally)
