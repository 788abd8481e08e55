"""Processes of a subject: started from here, ended from here, known by their id."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lab.machine import processes, waiting
from lab.table import ROOT
from tests.support.browser import Browser

START_SECONDS = 40.0


class Void(Exception):
    """The run is worth nothing: a subject failed, or a flow ended on a wrong page."""


@dataclass
class Service:
    """One gunicorn or nginx; ``counting`` is its command in a counting run, if it has one."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    counting: list[str] = field(default_factory=list)
    popen: subprocess.Popen[bytes] | None = None

    def start(self, counting: bool = False) -> None:
        """The kernel ends it too when this process is killed, where it can."""
        command = self.counting if counting and self.counting else self.command
        leash = ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [*leash, *command], env=self.environment, cwd=ROOT, stdout=log, stderr=log
            )

    def pids(self) -> list[int]:
        """The main process and its workers."""
        assert self.popen is not None
        return processes.family(self.popen.pid)

    def workers(self) -> list[int]:
        return self.pids()[1:]

    def died(self) -> bool:
        return self.popen is not None and self.popen.poll() is not None

    def stop(self) -> None:
        if self.popen is not None:
            self.popen.terminate()
            self.popen.wait(timeout=30)
            self.popen = None

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""


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
        return {service.name: service.pids() for service in self.services}

    def provision(self) -> None:
        """Side by side: mostly it is waiting for imports."""
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda job: run(*job), self.prepare))

    def start(self, counting: bool = False) -> None:
        for service in self.services:
            service.start(counting)

    def wait(self) -> None:
        """Return when the protected page leads to a page. Raises ``Void``.

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
        found: dict[str, Any] = json.loads(run([*command, "--no-imports", "-c", code], environment))
        return found["cookie"], found["keys"]

    def logs(self) -> str:
        return "\n".join(f"--- {service.name}\n{service.tail()}" for service in self.services)

    def _wait_for(self, url: str, fits: Callable[[int], bool]) -> None:
        if not waiting.until(lambda: fits(self._status(url)), START_SECONDS, 0.1):
            raise Void(f"{self.name} did not start.\n" + self.logs())

    def _status(self, url: str) -> int:
        """502 also while nginx isn't there. Raises ``Void`` when a service has ended."""
        if any(service.died() for service in self.services):
            raise Void(f"{self.name} ended while starting.\n" + self.logs())
        browser = Browser(timeout=5)
        try:
            return browser.get(url).status
        except OSError:
            return 502
        finally:
            browser.close()


def run(command: list[str], environment: dict[str, str]) -> str:
    """Standard output of a command that must succeed."""
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise Void(f"{' '.join(command)}\n{done.stdout[-1000:]}{done.stderr[-3000:]}")
    return done.stdout.strip().splitlines()[-1] if done.stdout.strip() else ""


def inherited() -> dict[str, str]:
    """What a process needs of this machine, and nothing else of the caller's environment."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR")
    return {name: os.environ[name] for name in names if name in os.environ}


def gunicorn(*options: str) -> list[str]:
    return [sys.executable, "-m", "gunicorn", *options]
