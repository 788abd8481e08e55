"""How long a fresh process takes until a site can answer its first request."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from lab import secrets, table
from lab.machine import ports
from lab.place import Place
from lab.runtimes import serve
from tests.support.process import run

CODE = """
import json, time
cpu, wall = time.process_time(), time.perf_counter()
from importlib import import_module
import_module("{package}.wsgi")
import_module("{package}.urls")
print(json.dumps([time.process_time() - cpu, time.perf_counter() - wall]))
"""


def seconds(folder: Path, times: int) -> dict[str, dict[str, Any]]:
    """The best of several starts of each site: whatever else runs here only makes them longer."""
    where = Place((folder / "imports").resolve(), ports.free())
    where.make_folders()
    secrets.ensure(where.state)
    return {site.package: _of(site.name, site.package, where, times) for site in table.load().sites}


def _of(name: str, package: str, where: Place, times: int) -> dict[str, Any]:
    command = [sys.executable, "-c", CODE.format(package=package)]
    environment = serve.site_environment(name, where)
    found = [json.loads(run(command, environment)) for _ in range(times + 1)][1:]
    cpu, wall = zip(*found, strict=True)
    return {"cpu": min(cpu), "wall": min(wall)}
