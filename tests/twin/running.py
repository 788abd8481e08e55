"""Start twins as processes on free ports of 127.0.0.1, and end them again.

with Twins(folder, flavour="stock") as twins:
    browser.get(twins.client + "/in/")
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from lab.machine import ports
from tests.support import process
from tests.support.process import Process, gunicorn

SERVER_HOST = "127.0.0.1"  # stock has one server_url for browsers and the back channel
CLIENT_HOST = "app-a.localhost"
FOUR_THREADS = ("--worker-class=gthread", "--workers=1", "--threads=4")


@dataclass
class Role:
    """One role under gunicorn."""

    name: str
    port: int
    environment: dict[str, str]
    folder: Path
    options: tuple[str, ...] = FOUR_THREADS
    python: str = sys.executable
    preload: bool = True  # without it, SIGHUP makes gunicorn read the settings anew
    running: Process | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def manage(self, *arguments: str) -> str:
        """Run a management command; its standard output."""
        return process.run([self.python, "-m", "tests.twin", *arguments], self.environment)

    def start(self, **further: str) -> None:
        command = gunicorn(
            "tests.twin.wsgi",
            f"--bind=127.0.0.1:{self.port}",
            "--keep-alive=75",
            "--timeout=60",
            *(["--preload"] if self.preload else []),
            *self.options,
            python=self.python,
        )
        self.running = Process(self.name, command, self.environment | further, self.log)
        self.running.start()

    def wait(self) -> None:
        """Return when its port answers."""
        assert self.running is not None
        process.wait([self.running], lambda: process.listens(self.port))

    def reload(self) -> None:
        """Replace the workers gracefully; the new ones read the settings anew."""
        assert self.running is not None
        self.running.send(signal.SIGHUP)

    def stop(self) -> None:
        """At once: gunicorn would linger over kept connections, and nothing of it is kept."""
        if self.running is not None:
            self.running.kill()


def provision_and_start(roles: Sequence[Role]) -> None:
    """In one go where gunicorn loads the project once; it takes a second to load."""
    for role in roles:
        if role.preload:
            role.start(PROVISION="1")
        else:
            role.manage("provision")
            role.start()
    for role in roles:
        role.wait()


def stop(roles: Iterable[Role]) -> None:
    for role in roles:
        role.stop()


@dataclass
class Twins:
    """A server and a client; ``environment`` goes to both, the two others to one each."""

    folder: Path
    flavour: str = "kit"
    client_flavour: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    server_environment: Mapping[str, str] = field(default_factory=dict)
    client_environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = FOUR_THREADS
    people: int = 4
    server_python: str = sys.executable
    client_python: str = sys.executable
    public_key: str = "twin-public-key"
    private_key: str = "twin-private-key-" * 3 + "0123456789"

    def __post_init__(self) -> None:
        server, client = ports.free(), ports.free()
        self.server = f"http://{SERVER_HOST}:{server}"
        self.client = f"http://{CLIENT_HOST}:{client}"
        self.server_role = Role(
            "server", server, self._of_server(), self.folder, self.options, self.server_python
        )
        self.client_role = Role(
            "client", client, self._of_client(), self.folder, self.options, self.client_python
        )

    @property
    def roles(self) -> tuple[Role, Role]:
        return self.server_role, self.client_role

    def __enter__(self) -> Twins:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            provision_and_start(self.roles)
        except BaseException:
            stop(self.roles)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        stop(self.roles)

    def _of_both(self) -> dict[str, str]:
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.twin.settings",
            "DATA_DIR": str(self.folder),
            "HASHER": "cheap",
            "SQLITE": "wal",
            "PUBLIC_KEY": self.public_key,
            "PRIVATE_KEY": self.private_key,
            **self.environment,
        }

    def _of_server(self) -> dict[str, str]:
        return {
            **self._of_both(),
            "ROLE": "server",
            "FLAVOUR": self.flavour,
            "BASE_URL": self.server,
            "CONSUMERS": f"twin={self.public_key}={self.private_key}={self.client}",
            "PEOPLE": str(self.people),
            **self.server_environment,
        }

    def _of_client(self) -> dict[str, str]:
        return {
            **self._of_both(),
            "ROLE": "client",
            "FLAVOUR": self.client_flavour or self.flavour,
            "BASE_URL": self.client,
            "SSO_URL": f"{self.server}/sso/",
            **self.client_environment,
        }
