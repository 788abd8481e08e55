"""The lab's one table of hosts, consumers and people, read from ``lab.toml``.

Standard library only: `make up` reads it before anything is installed.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Site:
    """One Django project: the identity server or a client (a consumer)."""

    name: str
    package: str
    host: str
    title: str
    about: str
    granted: tuple[str, ...] = ()
    required_groups: tuple[str, ...] = ()

    @property
    def is_server(self) -> bool:
        return self.name == "server"

    def url(self, port: int) -> str:
        """The site's base URL as a browser writes it, without a trailing slash."""
        return f"http://{self.host}:{port}"


@dataclass(frozen=True)
class Person:
    """A demo person; the password is for the lab only."""

    username: str
    password: str
    first_name: str
    last_name: str
    email: str
    about: str
    groups: tuple[str, ...] = ()
    active: bool = True
    superuser: bool = False


@dataclass(frozen=True)
class Table:
    """The whole table; ``port`` is nginx's default port."""

    port: int
    sites: tuple[Site, ...]
    people: tuple[Person, ...]

    @property
    def server(self) -> Site:
        return next(site for site in self.sites if site.is_server)

    @property
    def clients(self) -> tuple[Site, ...]:
        return tuple(site for site in self.sites if not site.is_server)

    def site(self, name: str) -> Site:
        return next(site for site in self.sites if site.name == name)

    def of_package(self, package: str) -> Site:
        return next(site for site in self.sites if site.package == package)

    def person(self, username: str) -> Person:
        return next(person for person in self.people if person.username == username)


@cache
def load(path: Path = ROOT / "lab.toml") -> Table:
    """Read the table. Raises ``KeyError`` or ``TypeError`` on an incomplete one."""
    raw = tomllib.loads(path.read_text())
    sites = tuple(
        Site(name=name, **{key: _frozen(value) for key, value in row.items()})
        for name, row in raw["sites"].items()
    )
    people = tuple(
        Person(username=name, **{key: _frozen(value) for key, value in row.items()})
        for name, row in raw["people"].items()
    )
    return Table(port=raw["lab"]["port"], sites=sites, people=people)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
