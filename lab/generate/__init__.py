"""Writes what follows from ``lab.toml`` into the files that people read.

In such a file the parts between two marks are made here; the rest is written by hand.
"""

from __future__ import annotations

from collections.abc import Callable

from lab.console import say
from lab.errors import LabError
from lab.generate import compose, lists, nginx
from lab.generate.regions import Parts, filled
from lab.table import ROOT

FILES: dict[str, Callable[[], Parts]] = {
    "docker-compose.yml": compose.parts,
    "nginx/templates/default.conf.template": nginx.parts,
    "nginx/pages/421.html": lists.page_for_unknown_hosts,
    "hosts.example": lists.hosts,
    "README.md": lists.readme,
    "Dockerfile": lists.docker_image,
    ".dockerignore": lists.docker_context,
}


def wanted(path: str) -> str:
    """The file's whole text as the table has it."""
    return filled((ROOT / path).read_text(), FILES[path](), path)


def stale() -> list[str]:
    """The files that don't follow the table."""
    return [path for path in FILES if (ROOT / path).read_text() != wanted(path)]


def run() -> int:
    """`make generate`; standard library only."""
    for path in stale():
        (ROOT / path).write_text(wanted(path))
        say(f"Written: {path}")
    return 0


def demand_current() -> None:
    """Raises ``LabError`` when a file doesn't follow the table: the lab would be another."""
    paths = stale()
    if paths:
        raise LabError(f"{', '.join(paths)}: this doesn't follow lab.toml.", "make generate")
