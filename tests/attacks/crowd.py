"""Many people at once: who log in, each in a browser of their own, or who are asked about."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection
from threading import Lock
from urllib.parse import urlsplit

from tests.attacks import acts, by_hand
from tests.attacks.pairs import Pair
from tests.support.browser import BrokenAnswer


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
        return f"{self.total}, {self.wrong} wrong, {self.refused} refused"

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


def verify(pair: Pair, people: int, each: int) -> Tally:
    """A consumer asks at once whom these people's access tokens are for, again and again.

    The server's part of a log-in alone, so that more of them meet than the driver of whole
    log-ins can make. The tokens are used many times: on the kit, switch ``single-use`` off.
    """
    tally = Tally()
    questions = [acts.begin_by_hand(pair, f"user{number}") for number in range(people)]
    with ThreadPoolExecutor(people) as pool:
        for done in [pool.submit(_ask_about, pair, number, question, each, tally)
                     for number, question in enumerate(questions)]:  # fmt: skip
            done.result()
    return tally


def _ask_about(pair: Pair, number: int, question: str, each: int, tally: Tally) -> None:
    headers = {"X-Services-Public-Key": pair.keys("other")[0]}
    with closing(HTTPConnection(urlsplit(pair.server.url).netloc, timeout=20)) as connection:
        for _ in range(each):
            connection.request("POST", "/sso/verify/", question, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            name = by_hand.profile(text)["username"] if answer.status == 200 else ""
            tally.add(f"user{number}", answer.status, json.dumps({"user": name}) if name else text)
