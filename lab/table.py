"""The lab's one table of hosts, consumers and people, read from ``lab.toml``.

Standard library only: `make up` reads it before anything is installed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from keyword import iskeyword
from pathlib import Path
from typing import Any, TypeVar

from lab.errors import LabError
from lab.kinds import KINDS, Kind
from lab.rows import demand_table, filled, refuse

ROOT = Path(__file__).resolve().parent.parent
LOWEST_PORT, HIGHEST_PORT = 1024, 65500
TABLES = ("lab", "sites", "people")
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # of a site: also a folder's, a host's, ...
# Service and sockets of the lab's own; what every site is called on its network with nginx.
TAKEN = ("nginx", "back", "supervisor", "front")
HOUSE = ("bench", "docs", "e2e", "lab", "nginx", "requirements", "site_common", "sso_kit", "tests")
# RFC 1123, 2.1; no longer than nginx's table of names takes (server_names_hash_bucket_size).
HOST = re.compile(r"(?=.{1,100}$)(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
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
    attributes: Mapping[str, str] = field(default_factory=dict)
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
    def desk(self) -> Site | None:
        """Where the inspector is, if anywhere."""
        return next((site for site in self.sites if site.kind.hears), None)

    @property
    def clients(self) -> tuple[Site, ...]:
        """The server's consumers."""
        return tuple(site for site in self.sites if site.kind.is_consumer)

    @property
    def services(self) -> tuple[str, ...]:
        """What runs when the lab is up: each site, and nginx."""
        return (*(site.name for site in self.sites), "nginx")

    def site(self, name: str) -> Site:
        return _found(self.sites, "name", name)

    def of_package(self, package: str) -> Site:
        return _found(self.sites, "package", package)

    def person(self, username: str) -> Person:
        return _found(self.people, "username", username)

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
    raw = _tables(path)
    sites = tuple(_site(name, row) for name, row in raw["sites"].items())
    people = tuple(filled(Person, "people", name, row) for name, row in raw["people"].items())
    _refuse_doubles(sites)
    return Table(port=_port(raw["lab"]), sites=sites, people=people)


def _found(rows: tuple[Row, ...], column: str, value: str) -> Row:
    for row in rows:
        if getattr(row, column) == value:
            return row
    there = ", ".join(getattr(row, column) for row in rows)
    raise LabError(f"No row of lab.toml has the {column} {value!r}.", f"one of {there}")


def _tables(path: Path) -> Mapping[str, Mapping[str, Any]]:
    """The file's tables: each there, and no others."""
    try:
        raw = tomllib.loads(path.read_text())
    except (OSError, ValueError) as error:  # also where it isn't UTF-8
        raise LabError(f"{path.name} can't be read: {error}.", "mend that line") from None
    for name in sorted(raw.keys() - set(TABLES)):
        refuse(name, "unknown", f"there are {', '.join(TABLES)}: a site is [sites.client-c]")
    for name in TABLES:
        if name not in raw:
            refuse(name, "missing", f"git show HEAD:{path.name} has one")
        demand_table(name, raw[name])
    return raw


def _port(row: Mapping[str, Any]) -> int:
    if row.keys() != {"port"}:
        found = ", ".join(sorted(row)) or "nothing"
        refuse("lab", f"port is what it has, and there is {found}", "port = 8080")
    port = row["port"]
    if type(port) is not int or not LOWEST_PORT <= port <= HIGHEST_PORT:
        digits = f"digits without quotes, from {LOWEST_PORT} to {HIGHEST_PORT}"
        refuse("lab", f"port = {port!r} is no port", digits)
    return port


def _site(name: str, row: Any) -> Site:
    where = f"sites.{name}"
    if not NAME.fullmatch(name) or name in TAKEN or name.endswith("-back"):
        refuse(where, "that is no name for a site", "small letters, digits and -, as in client-c")
    kind = _kind(where, demand_table(where, row).get("kind", "missing"))
    derived = {"package": name.replace("-", "_")}
    site = filled(Site, "sites", name, derived | row | {"kind": kind})
    _demand_package(where, site.package)
    if not HOST.fullmatch(site.host):
        refuse(where, f"host = {site.host!r} is no host name", "as in app-c.localhost")
    if not kind.is_consumer and (site.granted or site.required_groups):
        wrong = f"{kind.name} is no consumer: nothing is granted to it, no groups are required"
        refuse(where, wrong, 'leave these out, or kind = "app"')
    return site


def _kind(where: str, name: Any) -> Kind:
    if not isinstance(name, str) or name not in KINDS:
        refuse(where, f"kind = {name!r} is unknown", f"one of {', '.join(KINDS)}")
    return KINDS[name]


def _demand_package(where: str, package: str) -> None:
    """A folder that Python can import, and not one that others are imported from already."""
    if not package.isidentifier() or iskeyword(package):
        wrong = "is no name for a package"
    elif package.lower() in HOUSE:
        wrong = "is a folder of the house's own"
    elif package in sys.stdlib_module_names:
        wrong = "is a module of Python's own"
    else:
        return
    refuse(where, f"package = {package!r} {wrong}", "call the folder, and the row, as in client-c")


def _refuse_doubles(sites: tuple[Site, ...]) -> None:
    if sum(site.is_server for site in sites) != 1:
        refuse("sites", "there is one identity server", 'kind = "identity" in one row')
    for column in ("host", "package", "title"):
        values = [getattr(site, column).lower() for site in sites]
        doubles = sorted({value for value in values if values.count(value) > 1})
        if doubles:
            refuse("sites", f"two have the {column} {doubles[0]}", f"give each its own {column}")
