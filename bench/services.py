"""A subject of the benchmark: the processes of a server, a client, and nginx before them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.support import process
from tests.support.browser import Browser
from tests.support.process import Failed, Process


class Void(Failed):
    """The run is worth nothing: a flow ended on a wrong page, or a process did."""


@dataclass
class Service(Process):
    """``counting`` is its command in a counting run, if it has one."""

    counting: Sequence[str] = ()


@dataclass
class Subject:
    """Something to measure: a server, a client, and nginx before them.

    Attributes:
        page: URL of the client's protected page.
        proof: what a person's page contains, with ``{name}``.
        fields: the log-in form's two fields; empty where nobody can log in.
        shell: command and environment of the server's ``shell``; none for the floor.
        prepare: commands that are run before the first start, with their environment.
    """

    name: str
    folder: Path
    services: list[Service]
    page: str
    server_host: str
    app_host: str
    proof: str
    fields: tuple[str, str] = ("", "")
    shell: tuple[list[str], dict[str, str]] | None = None
    prepare: list[tuple[list[str], dict[str, str]]] = field(default_factory=list)

    @property
    def groups(self) -> dict[str, list[int]]:
        """The ids of each service's main process and its workers."""
        return {service.name: [service.pid, *service.workers()] for service in self.services}

    def provision(self) -> None:
        """Side by side: mostly it is waiting for imports."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda job: process.run(*job), self.prepare))

    def start(self, counting: bool = False) -> None:
        for service in self.services:
            service.start(service.counting if counting else ())

    def wait(self) -> None:
        """Return when the protected page leads to a page. Raises ``Failed``.

        The server first: a client that can't reach it doesn't try again for a while.
        """
        server = urlsplit(self.page)._replace(path="/").geturl()
        server = server.replace(self.app_host, self.server_host)
        self._wait_for(server, lambda status: status != 502)
        self._wait_for(self.page, lambda status: status == 200)

    def stop(self) -> None:
        for service in self.services:
            service.stop()

    def sessions(self, count: int) -> tuple[str, list[str]]:
        """Cookie name and a session for each of so many people."""
        if self.shell is None:
            return "who", [f"user{number}" for number in range(count)]
        command, environment = self.shell
        code = f"from bench.people import make; make({count})"
        said = process.run([*command, "--no-imports", "-c", code], environment)
        found: dict[str, Any] = json.loads(said.splitlines()[-1])
        return found["cookie"], found["keys"]

    def logs(self) -> str:
        return "\n".join(service.tail() for service in self.services)

    def _wait_for(self, url: str, fits: Callable[[int], bool]) -> None:
        process.wait(self.services, lambda: fits(_status(url)))


def _status(url: str) -> int:
    """502 also while nginx isn't there."""
    browser = Browser(timeout=5)
    try:
        return browser.get(url).status
    except OSError:
        return 502
    finally:
        browser.close()
