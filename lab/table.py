"""The lab's one table of hosts, consumers and people, read from ``lab.toml``.

Standard library only: `make up` reads it before anything is installed.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from lab.errors import LabError
from lab.kinds import KINDS, Kind

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # of a site: also a folder's, a host's, ...
TAKEN = ("nginx", "back", "supervisor")  # service and sockets of the lab's own
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
Row = TypeVar("Row", "Site", "Person")


@dataclass(frozen=True)
class Site:
    """One site: the identity server, an app, or another kind (``lab/kinds.py``)."""

    name: str
    kind: Kind
    host: str
    title: str
    about: str
    package: str
    granted: tuple[str, ...] = ()
    required_groups: tuple[str, ...] = ()

    @property
    def is_server(self) -> bool:
        return self.kind == KINDS["identity"]

    @property
    def prefix(self) -> str:
        """``client-a`` -> ``CLIENT_A``: how the names of its variables and secrets begin."""
        return self.name.upper().replace("-", "_")

    def url(self, port: int | str) -> str:
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
        """The server's consumers."""
        return tuple(site for site in self.sites if site.kind.is_consumer)

    @property
    def services(self) -> tuple[str, ...]:
        """What runs when the lab is up: each site, and nginx."""
        return (*(site.name for site in self.sites), "nginx")

    def site(self, name: str) -> Site:
        return next(site for site in self.sites if site.name == name)

    def of_package(self, package: str) -> Site:
        return next(site for site in self.sites if site.package == package)

    def person(self, username: str) -> Person:
        return next(person for person in self.people if person.username == username)

    def meant(self, word: str) -> Site | None:
        """The site that somebody calls so: by its name, package, title or host."""
        for site in self.sites:
            names = (site.name, site.package, site.title, site.host)
            if word.lower() in map(str.lower, names):
                return site
        return None


@cache
def load(path: Path = ROOT / "lab.toml") -> Table:
    """Read the table. Raises ``LabError`` on one that makes no sense, naming the row."""
    try:
        raw = tomllib.loads(path.read_text())
    except tomllib.TOMLDecodeError as error:
        raise LabError(f"{path.name} can't be read: {error}.", "mend that line") from None
    sites = tuple(_site(name, row) for name, row in raw["sites"].items())
    people = tuple(_filled(Person, "people", name, row) for name, row in raw["people"].items())
    _refuse_doubles(sites)
    return Table(port=raw["lab"]["port"], sites=sites, people=people)


def _site(name: str, row: dict[str, Any]) -> Site:
    where = f"sites.{name}"
    if not NAME.fullmatch(name) or name in TAKEN:
        _refuse(where, "that is no name for a site", "small letters, digits and -, as in client-c")
    if row.get("kind") not in KINDS:
        kinds = ", ".join(KINDS)
        _refuse(where, f"kind = {row.get('kind', 'missing')!r} is unknown", f"one of {kinds}")
    kind = KINDS[row["kind"]]
    derived = {"package": name.replace("-", "_")}
    site = _filled(Site, "sites", name, derived | row | {"kind": kind})
    if not HOST.fullmatch(site.host):
        _refuse(where, f"host = {site.host!r} is no host name", "as in app-c.localhost")
    if not kind.is_consumer and (site.granted or site.required_groups):
        wrong = f"{kind.name} is no consumer: nothing is granted to it, no groups are required"
        _refuse(where, wrong, 'leave these out, or kind = "app"')
    return site


def _filled(row_type: type[Row], group: str, name: str, row: dict[str, Any]) -> Row:
    """The row as an object: every field known, and every one there that has no default."""
    where, (key, *columns) = f"{group}.{name}", fields(row_type)
    known = {field.name: field.default is MISSING for field in columns}
    unknown = sorted(row.keys() - known.keys())
    if unknown:
        _refuse(where, f"unknown: {', '.join(unknown)}", f"a row may have {', '.join(known)}")
    missing = [field for field, needed in known.items() if needed and field not in row]
    if missing:
        _refuse(where, f"{', '.join(missing)} missing", "add it, as in the rows beside it")
    values: dict[str, Any] = {key.name: name}
    for field, value in row.items():
        values[field] = tuple(value) if isinstance(value, list) else value
    return row_type(**values)


def _refuse_doubles(sites: tuple[Site, ...]) -> None:
    if sum(site.is_server for site in sites) != 1:
        _refuse("sites", "there is one identity server", 'kind = "identity" in one row')
    for column in ("host", "package", "title"):
        values = [getattr(site, column).lower() for site in sites]
        doubles = sorted({value for value in values if values.count(value) > 1})
        if doubles:
            _refuse("sites", f"two have the {column} {doubles[0]}", f"give each its own {column}")


def _refuse(where: str, wrong: str, fix: str) -> NoReturn:
    raise LabError(f"lab.toml, [{where}]: {wrong}.", fix)
