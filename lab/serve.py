"""Runs one site in this process, or one of its management commands, in the local runtime.

    python -m lab.serve client-a                # becomes gunicorn
    python -m lab.serve client-a shell -c ...   # becomes `python -m client_a shell -c ...`

The site's environment is put together here, so that secrets are in no generated file but
their own, and so that the site sees nothing of the caller's environment that it shouldn't.
"""

from __future__ import annotations

import os
import sys

from lab import environment, place, secrets, table

# What a process needs of the machine, and the knobs that a site may be given by hand.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LAB_STATE", "LAB_SUPERVISED")
KNOBS = ("LOG_LEVEL", "WORKERS", "THREADS")
GUNICORN_CONF = table.ROOT / "lab/gunicorn.conf.py"


def site_environment(name: str, where: place.Place) -> dict[str, str]:
    inherited = {key: os.environ[key] for key in INHERITED + KNOBS if key in os.environ}
    keys = secrets.read(where.state / secrets.FILE)
    site = table.load().site(name)
    return inherited | environment.of_site(site, environment.local(where), keys)


def command(name: str, arguments: list[str]) -> list[str]:
    package = table.load().site(name).package
    module = [package, *arguments] if arguments else ["gunicorn", "-c", str(GUNICORN_CONF)]
    return [sys.executable, "-m", *module]


def main() -> None:
    name, *arguments = sys.argv[1:]
    os.chdir(table.ROOT)
    os.execve(
        sys.executable,
        command(name, arguments),
        site_environment(name, place.from_environment()),
    )


if __name__ == "__main__":
    main()
