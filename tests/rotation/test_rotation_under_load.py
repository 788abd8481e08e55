"""A key is replaced while people log in: nobody notices, and the old key dies on time.

Over real processes, because what could go wrong lies between them: a hand-shake begun by a
worker with the old key and finished by one with the new. It would lie if no log-in were
under way at the moments that count; so each phase waits until some have been completed.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import pytest

from lab.machine import waiting
from sso_kit.messages import HARDENED, Purpose
from tests.support.browser import Browser
from tests.twin.running import Twins

PEOPLE, EACH_PHASE = 6, 60
CONSUMER = "twin"


class Crowd:
    """People who log in again and again until told to stop."""

    def __init__(self, twins: Twins) -> None:
        self.twins = twins
        self.done = Event()
        self.right = 0
        self.lost: list[str] = []

    def go(self, person: str) -> None:
        browser = Browser()
        page = browser.get(f"{self.twins.client}/in/")
        browser.submit(page, {"username": person, "password": person})
        while not self.done.is_set():
            browser.cookies.pop("app-a.localhost", None)
            page = browser.get(f"{self.twins.client}/in/")
            if f'"user": "{person}"' in page.body:
                self.right += 1
            else:
                self.lost.append(f"{person}: {page.status} {page.body[:200]}")

    def complete(self, more: int) -> None:
        """Return when so many more log-ins have been completed."""
        target = self.right + more
        assert waiting.until(lambda: self.right >= target or bool(self.lost), seconds=60)


@contextmanager
def logging_in(twins: Twins) -> Iterator[Crowd]:
    crowd = Crowd(twins)
    with ThreadPoolExecutor(PEOPLE) as pool:
        going = [pool.submit(crowd.go, f"user{number}") for number in range(PEOPLE)]
        try:
            yield crowd
        finally:
            crowd.done.set()
        for person in going:
            person.result()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "private-key"


@pytest.fixture
def twins(tmp_path: Path, key_file: Path) -> Iterator[Twins]:
    pair = Twins(
        tmp_path / "twins", people=PEOPLE, client_environment={"PRIVATE_KEY_FILE": str(key_file)}
    )
    pair.client_role.preload = False
    key_file.write_text(pair.private_key)
    with pair:
        yield pair


def replace_key(twins: Twins, folder: Path, *options: str) -> str:
    written = folder / "new-key"
    twins.server_role.manage("sso_consumer", CONSUMER, "--write-key", str(written), *options)
    return written.read_text()


def ask_with(twins: Twins, key: str) -> int:
    """The status of a request-token question signed with this key."""
    question = {"redirect_to": f"{twins.client}/sso/authenticate/", "challenge": "c" * 43}
    body, _ = HARDENED.write_ask(key, Purpose.REQUEST_TOKEN_ASK, question)
    headers = {"X-Services-Public-Key": twins.public_key}
    return Browser().send("POST", f"{twins.server}/sso/request-token/", body, headers).status


def test_rotation_under_load_loses_no_log_in(twins: Twins, key_file: Path, tmp_path: Path) -> None:
    old = twins.private_key

    with logging_in(twins) as crowd:
        crowd.complete(EACH_PHASE)
        new = replace_key(twins, tmp_path, "--rotate-key", "--overlap", "600")
        crowd.complete(EACH_PHASE)
        key_file.write_text(f"{new}\n{old}")
        twins.client_role.reload()
        crowd.complete(2 * EACH_PHASE)
        key_file.write_text(new)
        twins.client_role.reload()
        crowd.complete(2 * EACH_PHASE)

    assert crowd.lost == []
    assert (ask_with(twins, old), ask_with(twins, new)) == (200, 200)


def test_the_old_key_is_dead_after_the_window(twins: Twins, tmp_path: Path) -> None:
    replace_key(twins, tmp_path, "--rotate-key", "--overlap", "1")

    assert waiting.until(lambda: ask_with(twins, twins.private_key) == 400, seconds=10)


def test_a_revoked_key_is_dead_at_once_and_the_new_one_works(twins: Twins, tmp_path: Path) -> None:
    assert ask_with(twins, twins.private_key) == 200

    new = replace_key(twins, tmp_path, "--revoke-key")

    assert ask_with(twins, twins.private_key) == 400
    assert ask_with(twins, new) == 200
