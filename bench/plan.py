"""What the driver is told to do, as JSON on its standard input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

PASSWORD = "person-of-the-bench"
Mode = Literal["handshake", "page", "login"]


@dataclass(frozen=True)
class Traveller:
    """Somebody to measure with.

    Attributes:
        session: value of the server's session cookie.
        proof: what only this person's page contains.
    """

    name: str
    session: str
    proof: str


@dataclass(frozen=True)
class Plan:
    """One run of one driver process.

    Attributes:
        mode: ``handshake`` is silent: the server knows the person, the app doesn't;
            ``page``: both know; ``login``: neither does.
        page: URL of the protected page.
        fields: names of the log-in form's two fields.
        travellers: one per thread.
        most: flows of all threads together, however long the time.
    """

    mode: Mode
    page: str
    app_host: str
    server_host: str
    server_cookie: str
    fields: tuple[str, str]
    travellers: tuple[Traveller, ...]
    seconds: float
    most: int
