"""Whose request fails when a view doesn't read what it was sent: the control.

The applications here refuse everything. Around one of them is what the sites have around
theirs; with the other, a stranger's large bodies cost somebody else an answer. That none of the
sites' views does so is seen in e2e/test_somebody_elses_request.py, in either runtime.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from threading import Event

import pytest

from lab import environment, table
from lab.machine import ports, system
from lab.place import Place
from lab.runtimes import nginx, ready
from tests.support import process
from tests.support.browser import Browser
from tests.support.process import Process

pytestmark = pytest.mark.skipif(system.nginx_program() is None, reason="nginx isn't installed")
LARGE = "x" * 100_000
FORMS = 200
MOST_FORMS = 5_000  # for the control: some 4 of 100 fail, fewer on a busy machine


@pytest.mark.parametrize("worker", ["gthread", "sync"])
def test_nobody_elses_form_fails_when_bodies_are_read_to_the_end(place: Place, worker: str) -> None:
    assert _statuses(place, "wrapped", worker) == {403}


def test_control_somebody_elses_form_fails_when_they_are_not(place: Place) -> None:
    assert _statuses(place, "bare", "gthread", MOST_FORMS) == {403, 502}


def _statuses(place: Place, application: str, worker: str, most: int = FORMS) -> set[int]:
    """What an ordinary visitor gets while a stranger sends large bodies, up to the first 502."""
    where = Place(place.state, ports.free())
    address, over = f"http://app-a.localhost:{where.port}/", Event()

    def strangers() -> None:
        stranger = Browser()
        while not over.is_set():
            stranger.post(address, {"a": LARGE})

    with _behind_nginx(where, application, worker), ThreadPoolExecutor() as pool:
        flood = [pool.submit(strangers) for _ in range(3)]
        try:
            visitor = Browser()
            found = set[int]()
            for _ in range(most):
                found.add(visitor.post(address, {"a": "b"}).status)
                if found == {403, 502}:
                    break
        finally:
            over.set()
    assert [stranger.exception() for stranger in flood] == [None] * len(flood)
    return found


@contextmanager
def _behind_nginx(where: Place, application: str, worker: str) -> Iterator[None]:
    """The lab's nginx with one gunicorn in place of Notes."""
    nginx.write_configuration(where)
    bind = environment.local(where).binds["client-a"]
    options = ["--workers=2", "--keep-alive=75", "--no-control-socket", f"--worker-class={worker}"]
    gunicorn = [sys.executable, "-m", "gunicorn", f"tests.lab.refusing:{application}"]
    gunicorn += [f"--bind={bind}", *options, *(["--threads=4"] if worker == "gthread" else [])]
    running = [
        Process("gunicorn", gunicorn, os.environ, where.logs / "refusing.log"),
        Process("nginx", nginx.command(where), os.environ, where.logs / "nginx.log"),
    ]
    with ExitStack() as ending:
        for each in running:
            each.start()
            ending.callback(each.stop)
        process.wait(running, lambda: "403" in _answer(where))
        yield


def _answer(where: Place) -> str:
    return ready.answer(table.load().site("client-a"), where.port)
