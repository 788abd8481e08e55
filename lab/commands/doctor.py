"""`make doctor`: what is wrong with this machine or this lab, each finding with its fix."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass

from lab import place, secrets, table
from lab.console import bold, say
from lab.errors import LabError
from lab.machine import ports, system
from lab.runtimes import leftovers
from lab.runtimes.choice import choose_runtime, current_runtime

ROOM_WANTED = 1_000_000_000  # bytes: the environment, an image and some data


@dataclass(frozen=True)
class Finding:
    """One thing looked at. ``fix`` is empty when all is well; ``blocks``: `make up` can't work."""

    what: str
    fix: str = ""
    blocks: bool = False


def run() -> int:
    """Exit code 1 only when something blocks `make up`."""
    findings = [check() for check in CHECKS]
    for finding in findings:
        say(f"{_mark(finding)}  {finding.what}")
        if finding.fix:
            say(f"        {finding.fix}")
    blocking = sum(finding.blocks for finding in findings)
    say()
    say(bold(f"{blocking} to mend before make up." if blocking else "make up can work here."))
    return int(blocking > 0)


def python() -> Finding:
    """An older one than 3.11 doesn't get here: the Makefile says so."""
    version = platform.python_version()
    if importlib.util.find_spec("ensurepip") or system.can_install():
        return Finding(f"Python {version}")
    lacking = f"Python {version} can't make virtual environments"
    return Finding(lacking, _install("python3-venv"), blocks=True)


def port_is_free() -> Finding:
    """One that the lab itself has is well; a wanted one beside it is looked at as any other."""
    up, wanted = place.where_it_is_up(), place.from_environment().port
    running = current_runtime(up) is not None
    if running and wanted == up.port:
        return Finding(f"The lab is up, on port {up.port}")
    meanwhile = f" (the lab is up, on port {up.port})" if running else ""
    try:
        ports.demand(wanted)
    except LabError as error:
        return Finding(error.cause + meanwhile, error.fix, blocks=True)
    return Finding(f"Port {wanted} is free{meanwhile}")


def docker() -> Finding:
    lacking = system.compose_lacks()
    if lacking is None:
        return Finding("Docker Compose can be used")
    wanted = os.environ.get("RUNTIME") == "compose"
    without = "start or install Docker; or do without: RUNTIME=local make up"
    return Finding(f"No Compose: {lacking}", without if wanted else "", blocks=wanted)


def nginx() -> Finding:
    program = system.nginx_program()
    if program:
        return Finding(f"nginx: {program}")
    if system.can_install():
        return Finding("nginx isn't installed", "nothing to do: make up installs it")
    blocks = choose_runtime(place.from_environment()).name == "local"
    return Finding("nginx isn't installed (only Compose does without)", _install("nginx"), blocks)


def browser() -> Finding:
    program = system.chromium()
    if program:
        return Finding(f"Browser for the tests: {program}")
    automatic = "nothing to do: make test installs it"
    fix = automatic if system.can_install() else _install("chromium")
    return Finding("No Chromium (the browser tests need it)", fix)


def names() -> Finding:
    """Browsers resolve ``*.localhost`` themselves; Python and some tools ask the system."""
    unknown = [site.host for site in table.load().sites if not _resolves(site.host)]
    if not unknown:
        return Finding("The host names resolve here")
    return Finding(
        f"This system doesn't resolve {', '.join(unknown)}; browsers and curl do so by themselves",
        "only for other tools: add the line in hosts.example to /etc/hosts",
    )


def earlier_lab() -> Finding:
    where = place.where_it_is_up()
    running = current_runtime(where)
    strays = [] if running else leftovers.find(where)
    if strays:
        return Finding(f"A killed lab left processes: {', '.join(map(str, strays))}", "make down")
    if place.read_record(where.state) and not running:
        return Finding("The lab was up and didn't end with make down", "make up, or make down")
    return Finding("No leftovers of an earlier lab")


def secrets_are_kept() -> Finding:
    state = place.from_environment().state
    folder = secrets.folder(state)
    if not folder.exists():
        return Finding("No secrets yet: make up makes them")
    if folder.stat().st_mode & 0o077:
        return Finding(f"{folder} can be opened by others", f"chmod 700 {folder}")
    try:
        secrets.check(state)
    except LabError as error:
        return Finding(error.cause, error.fix, blocks=True)
    return Finding("The secrets are there, for their owner only")


def room() -> Finding:
    free = shutil.disk_usage(table.ROOT).free
    if free < ROOM_WANTED:
        return Finding(f"Only {free // 1_000_000} MB free on this disk", "make room: 1 GB will do")
    return Finding(f"{free // 1_000_000_000} GB free on this disk")


CHECKS: tuple[Callable[[], Finding], ...] = (
    python,
    port_is_free,
    docker,
    nginx,
    browser,
    names,
    earlier_lab,
    secrets_are_kept,
    room,
)


def _mark(finding: Finding) -> str:
    if finding.blocks:
        return "MEND  "
    return "note  " if finding.fix else "ok    "


def _resolves(host: str) -> bool:
    try:
        return socket.gethostbyname(host).startswith("127.")
    except OSError:
        return False


def _install(package: str) -> str:
    if shutil.which("apt-get"):
        return f"sudo apt-get install --no-install-recommends {package}"
    return f"install {package} (brew install, dnf install ...)"
