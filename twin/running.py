"""Start twins as processes on free ports of 127.0.0.1, and end them again.

with Twins(folder, flavour="stock") as twins:
    browser.get(twins.client + "/in/")
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from lab.machine import waiting
from lab.table import ROOT

SERVER_HOST = "127.0.0.1"  # stock has one server_url for browsers and the back channel
CLIENT_HOST = "app-a.localhost"


@dataclass
class Process:
    """One role under gunicorn."""

    name: str
    port: int
    environment: dict[str, str]
    folder: Path
    options: tuple[str, ...] = ("--worker-class=gthread", "--workers=1", "--threads=4")
    python: str = sys.executable
    preload: bool = True  # without it, SIGHUP makes gunicorn read the settings anew
    popen: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def manage(self, *arguments: str) -> str:
        """Run a management command; its standard output."""
        done = subprocess.run(
            [self.python, "-m", "twin", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {' '.join(arguments)}\n{done.stderr[-3000:]}")
        return done.stdout

    def provision_and_start(self) -> None:
        """In one go where gunicorn loads the project once; it takes a second to load."""
        if self.preload:
            self.start(PROVISION="1")
        else:
            self.manage("provision")
            self.start()

    def start(self, **further: str) -> None:
        """Start gunicorn and return when its port answers."""
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                [
                    self.python,
                    "-m",
                    "gunicorn",
                    "twin.wsgi",
                    f"--bind=127.0.0.1:{self.port}",
                    "--no-control-socket",
                    "--keep-alive=75",
                    "--timeout=60",
                    *(["--preload"] if self.preload else []),
                    *self.options,
                ],
                env=self.environment | further,
                cwd=ROOT,
                stdout=log,
                stderr=log,
            )
        if not waiting.until(self.answers, seconds=20):
            raise RuntimeError(f"{self.name} did not start:\n{self.log.read_text()[-3000:]}")

    def answers(self) -> bool:
        assert self.popen is not None
        if self.popen.poll() is not None:
            raise RuntimeError(f"{self.name} ended:\n{self.log.read_text()[-3000:]}")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def reload(self) -> None:
        """Replace the workers gracefully; the new ones read the settings anew."""
        assert self.popen is not None
        self.popen.send_signal(signal.SIGHUP)

    def stop(self) -> None:
        if self.popen is not None:
            self.popen.send_signal(signal.SIGQUIT)  # don't linger over kept connections
            try:
                self.popen.wait(timeout=20)
            except subprocess.TimeoutExpired:  # seen once on a machine with ten times its load
                self.popen.kill()
                self.popen.wait()
            self.popen = None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Twins:
    """A server and a client; ``environment`` goes to both, the two others to one each."""

    folder: Path
    flavour: str = "kit"
    client_flavour: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    server_environment: Mapping[str, str] = field(default_factory=dict)
    client_environment: Mapping[str, str] = field(default_factory=dict)
    options: tuple[str, ...] = Process.options
    people: int = 4
    server_python: str = sys.executable
    client_python: str = sys.executable

    def __post_init__(self) -> None:
        ports = free_port(), free_port()
        self.server = f"http://{SERVER_HOST}:{ports[0]}"
        self.client = f"http://{CLIENT_HOST}:{ports[1]}"
        self.public_key, self.private_key = (
            "twin-public-key",
            "twin-private-key-" * 3 + "0123456789",
        )
        keys = {"PUBLIC_KEY": self.public_key, "PRIVATE_KEY": self.private_key}
        base = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "twin.settings",
            "DATA_DIR": str(self.folder),
            "HASHER": "cheap",
            "SQLITE": "wal",
            **keys,
            **self.environment,
        }
        consumer = f"twin={self.public_key}={self.private_key}={self.client}"
        self.server_process = Process(
            "server",
            ports[0],
            {
                **base,
                "ROLE": "server",
                "FLAVOUR": self.flavour,
                "BASE_URL": self.server,
                "CONSUMERS": consumer,
                "PEOPLE": str(self.people),
                **self.server_environment,
            },
            self.folder,
            self.options,
            self.server_python,
        )
        self.client_process = Process(
            "client",
            ports[1],
            {
                **base,
                "ROLE": "client",
                "FLAVOUR": self.client_flavour or self.flavour,
                "BASE_URL": self.client,
                "SSO_URL": f"{self.server}/sso/",
                **self.client_environment,
            },
            self.folder,
            self.options,
            self.client_python,
        )

    @property
    def processes(self) -> tuple[Process, Process]:
        return self.server_process, self.client_process

    def __enter__(self) -> Twins:
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with ThreadPoolExecutor() as pool:
                list(pool.map(Process.provision_and_start, self.processes))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self.processes:
            process.stop()
