"""A server with its clients, as processes, and the ways in which attacks look at them."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lab.machine import ports
from tests.attacks.tap import Tap
from tests.twin import running
from tests.twin.running import Role, Twins

CROWD = 16
PEOPLE = 24  # the crowd, and some for tests that change them
# Consumers beside the twin's own. A client process is started for one when it is first used.
FURTHER = ("tapped", "faulty", "renaming", "debugged", "other", "old", "directory", "quick")
CLOSED_ORIGIN, CLOSED_GROUP = "http://closed.localhost:80", "insiders"
FAST_SWITCHING = ("--worker-class=gthread", "--workers=1", "--threads=16",
                  "--config=tests/twin/gunicorn_switching.py")  # fmt: skip


@dataclass
class Site:
    """One running process: its address, its keys, its database and its log."""

    url: str
    role: Role
    public_key: str = ""
    private_key: str = ""

    @property
    def host(self) -> str:
        return self.url.split("//")[1].split(":")[0]

    @property
    def database(self) -> Path:
        return self.role.folder / f"{self.role.name}.sqlite3"

    @property
    def log(self) -> str:
        return self.role.log.read_text()

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.database, timeout=10)) as connection, connection:
            return connection.execute(sql, values).fetchall()


class Pair:
    """A server and its clients in one flavour.

    Everything goes on in one folder; ``start`` and ``close`` as a fixture needs them.
    """

    def __init__(
        self,
        folder: Path,
        flavour: str,
        environment: Mapping[str, str],
        options: tuple[str, ...],
        people: int,
    ) -> None:
        self.folder, self.flavour = folder, flavour
        self.switches = folder / "defences-off"
        self.twins = Twins(
            folder, flavour, options=options, people=people,
            environment={"DEFENCES_FILE": str(self.switches), "LOG_LEVEL": "INFO", **environment},
        )  # fmt: skip
        self.ports = {name: ports.free() for name in FURTHER}
        lines = ["=".join([name, *self.keys(name), self.url_of(name)]) for name in FURTHER]
        if flavour == "kit":
            lines.append("=".join(["closed", *self.keys("closed"), CLOSED_ORIGIN, CLOSED_GROUP]))
        self.twins.server_role.environment["CONSUMERS"] += ";" + ";".join(lines)
        self._further: dict[str, Site] = {}

    @cached_property
    def server(self) -> Site:
        return Site(self.twins.server, self.twins.server_role)

    @cached_property
    def client(self) -> Site:
        return Site(self.twins.client, self.twins.client_role,
                    self.twins.public_key, self.twins.private_key)  # fmt: skip

    @cached_property
    def tap(self) -> Tap:
        return Tap(self.server.url)

    @cached_property
    def tapped(self) -> Site:
        """A client whose back channel goes through ``tap``."""
        name = "SSO_URL" if self.flavour == "stock" else "BACK_CHANNEL_URL"
        return self.further("tapped", **{name: f"{self.tap.url}/sso/"})

    def url_of(self, name: str) -> str:
        return f"http://{name}.localhost:{self.ports[name]}"

    def keys(self, name: str) -> tuple[str, str]:
        """Public and private key of a further consumer."""
        return f"{name}-public-key", f"{name}-private-key-".ljust(50, "0")

    def further(self, name: str, **environment: str) -> Site:
        """The client process of a further consumer, started on first use."""
        if name not in self._further:
            self._further[name] = self._start(name, environment)
        return self._further[name]

    @contextmanager
    def without(self, *defences: str) -> Iterator[None]:
        """Switch defences off, for a control: the attack must then succeed."""
        self.switches.write_text("\n".join(defences))
        try:
            yield
        finally:
            self.switches.unlink()

    def close(self) -> None:
        if "tap" in vars(self):
            self.tap.close()
        running.stop([*self.twins.roles, *(site.role for site in self._further.values())])

    def _start(self, name: str, environment: dict[str, str]) -> Site:
        public, private = self.keys(name)
        base = {**self.twins.client_role.environment, "NAME": name, "PUBLIC_KEY": public,
                "PRIVATE_KEY": private, "BASE_URL": self.url_of(name)}  # fmt: skip
        role = Role(name, self.ports[name], base | environment, self.folder)
        site = Site(self.url_of(name), role, public, private)
        shutil.copy(self.folder / "empty-client.sqlite3", site.database)
        role.start()
        role.wait()
        return site


def start(
    folder: Path,
    flavour: str,
    environment: Mapping[str, str] = MappingProxyType({}),
    options: tuple[str, ...] = FAST_SWITCHING,
    people: int = PEOPLE,
) -> Pair:
    """A running pair. ``environment`` goes to all of its processes, ``options`` to gunicorn."""
    pair = Pair(folder, flavour, environment, options, people)
    pair.twins.__enter__()
    with closing(sqlite3.connect(pair.client.database)) as source:
        target = folder / "empty-client.sqlite3"
        with closing(sqlite3.connect(os.fspath(target))) as copy:
            source.backup(copy)
    return pair
