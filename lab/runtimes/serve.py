"""Becomes one service of the local runtime: ``python -m lab.runtimes.serve client-a``.

A site's environment is put together here, so that the site sees nothing of the caller's
environment that it shouldn't.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from lab import environment, place, table
from lab.machine import processes
from lab.runtimes import leftovers, nginx

GUNICORN_CONF = table.ROOT / "site_common/gunicorn.conf.py"


def inherited() -> dict[str, str]:
    """Of the caller's environment: what a site's process needs, its marks, and its knobs."""
    return processes.inherited(*leftovers.MARKS, *environment.KNOBS)


def site_environment(name: str, where: place.Place) -> dict[str, str]:
    return inherited() | environment.of_site(table.load().site(name), environment.local(where))


def manage(name: str, arguments: Sequence[str]) -> list[str]:
    """How one of a site's management commands is run."""
    return [sys.executable, "-m", table.load().site(name).package, *arguments]


def main() -> None:
    name, where = sys.argv[1], place.from_environment()
    # Where the main process was killed, its workers still have the socket.
    processes.end(leftovers.find(where, name), seconds=1)
    os.chdir(table.ROOT)
    if name == "nginx":
        command, variables = nginx.command(where), dict(os.environ)
    else:
        command = [sys.executable, "-m", "gunicorn", "-c", str(GUNICORN_CONF)]
        variables = site_environment(name, where)
    os.execve(command[0], command, variables)


if __name__ == "__main__":
    main()
