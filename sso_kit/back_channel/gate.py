"""Who may ask the identity server now, and who is turned away at once.

pybreaker, the usual circuit breaker, holds its lock during the call, one call at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from .. import clock, conf
from ..errors import ServerUnavailable


@dataclass(frozen=True)
class Budget:
    """How long a call may take, and how many threads may wait; else as the settings say.

    Attributes:
        connect: seconds to reach the server.
        read: seconds for its whole answer.
        at_once: calls under way in one process; keep it below gunicorn's ``threads``.
        glance: seconds for an answer that a page can do without.
        queue: seconds without any answer after which further calls stop waiting for a place.
        rest: seconds without a call after one has failed.
    """

    connect: float = field(default_factory=conf.connect_seconds)
    read: float = field(default_factory=conf.read_seconds)
    glance: float = field(default_factory=conf.glance_seconds)
    at_once: int = field(default_factory=conf.calls_at_once)
    queue: float = 0.5
    rest: float = 2.0


class Gate:
    """Lets a few calls through at once, and none just after a failure (a circuit breaker)."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.places = threading.BoundedSemaphore(budget.at_once)
        self.closed_until = 0.0
        self.remedy = ""  # of the last failure
        self.answered = clock.monotonic()
        self.inside = 0  # a race can only make the first of a crowd wait a little less

    @contextmanager
    def enter(self, patient: bool = True) -> Iterator[None]:
        """Raises ``ServerUnavailable`` at once, or after ``queue`` seconds of silence."""
        if clock.monotonic() < self.closed_until:
            raise ServerUnavailable("The identity server failed a moment ago.", remedy=self.remedy)
        if not (self._wait() if patient else self.places.acquire(blocking=False)):
            raise ServerUnavailable("The identity server is slow, and others are waiting for it.")
        if self.inside == 0:
            self.answered = clock.monotonic()  # nobody waited for an answer until now
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            self.places.release()

    def _wait(self) -> bool:
        """Get a place while answers are coming in, within the time that one may take.

        A place that comes free can go to a call that comes later: waiting is not in turn.
        """
        until = clock.monotonic() + self.budget.read
        while True:
            quiet = clock.monotonic() - self.answered
            patience = self.budget.queue - quiet
            if self.places.acquire(timeout=max(0.0, patience)):
                return True
            if clock.monotonic() > until or clock.monotonic() - self.answered >= self.budget.queue:
                return False

    def succeeded(self) -> None:
        self.answered = clock.monotonic()
        self.closed_until = 0.0

    def failed(self, remedy: str = "") -> None:
        """Let nobody in for a moment.

        Parameters:
            remedy: for the lines in the log of those who are turned away.
        """
        self.remedy = remedy
        self.closed_until = clock.monotonic() + self.budget.rest
