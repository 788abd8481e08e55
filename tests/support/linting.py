"""The verb ``lint``: style and types."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lab import environment, secrets, table
from lab.console import say
from lab.place import Place
from lab.table import Site


def run() -> int:
    """Every check runs, so that one run shows everything there is to mend."""
    style = [["ruff", "check", "."], ["ruff", "format", "--check", "."]]
    failed = [" ".join(check) for check in style if _module(check)]
    failed += [f"mypy of {site.package}" for site in table.load().sites if _mypy(site)]
    say(f"To mend: {', '.join(failed)} (see above)" if failed else "All clean.")
    return int(bool(failed))


def _mypy(site: Site) -> int:
    """Each site with its own settings, and what the server's and the clients' halves share.

    mypy's Django plugin loads the settings, and they insist on their environment.
    """
    half = "sso_kit/server" if site.is_server else "sso_kit/client"
    cache = f"--cache-dir=.mypy_cache/{site.package}"
    with tempfile.TemporaryDirectory() as folder:
        where = Place(Path(folder), table.load().port)
        where.make_folders()
        secrets.ensure(where.state)
        variables = environment.of_site(site, environment.local(where))
        variables["DJANGO_SETTINGS_MODULE"] = f"{site.package}.settings"
        return _module(["mypy", cache, "lab", "site_common", half, site.package], variables)


def _module(command: list[str], variables: Mapping[str, str] = MappingProxyType({})) -> int:
    whole = [sys.executable, "-m", *command]
    return subprocess.run(whole, cwd=table.ROOT, env={**os.environ, **variables}).returncode
