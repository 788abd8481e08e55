"""What this machine has, and installing what it lacks where that is allowed.

Only on Debian and its kin, as root, is anything installed; elsewhere the error names the
command that does it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from lab.console import say
from lab.errors import LabError

OLDEST_COMPOSE = (2, 21)  # health checks with a start_interval
POLICY = Path("/usr/sbin/policy-rc.d")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def ensure_nginx() -> None:
    if nginx_program() is None:
        install("nginx-light", "nginx", "brew install nginx")
        # Debian's own nginx must not take port 80, now or after the next boot.
        subprocess.run(["update-rc.d", "nginx", "disable"], capture_output=True)


def ensure_chromium() -> None:
    if chromium() is None:
        install("chromium", "Chromium", ".venv/bin/python -m playwright install chromium")


def nginx_program() -> str | None:
    """nginx, also where it isn't on an ordinary user's PATH."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"]
    return shutil.which("nginx", path=os.pathsep.join(places))


def chromium() -> str | None:
    """A Chromium for the browser tests: the machine's own, else Playwright's."""
    own = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    return own or _playwrights_chromium()


@cache
def compose_lacks() -> str | None:
    """Why Docker Compose can't be used here, in a few words; None if it can.

    Asked once a command: an engine that doesn't answer costs 5 s each time.
    """
    if shutil.which("docker") is None:
        return "there is no docker command here"
    if not _succeeds(["docker", "info"]):
        return "no Docker engine answers"
    version = _compose_version()
    if version < OLDEST_COMPOSE:
        found = ".".join(map(str, version)) or "not there"
        return f"Docker Compose {'.'.join(map(str, OLDEST_COMPOSE))} is needed, it is {found}"
    return None


def can_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str, what: str, elsewhere: str) -> None:
    """Install a Debian package, or say how to. ``elsewhere``: the command on other systems."""
    if not can_install():
        debian = shutil.which("apt-get") is not None
        command = f"sudo apt-get install --no-install-recommends {package}" if debian else elsewhere
        raise LabError(f"{what} isn't installed.", command)
    say(f"{what} is missing: installing Debian's {package} (apt-get)")
    with _services_not_started():
        _apt_get("update")
        _apt_get("install", "--no-install-recommends", package)


def _apt_get(*arguments: str) -> None:
    result = subprocess.run(
        ["apt-get", "-qq", "-y", "-o", "DPkg::Lock::Timeout=120", *arguments],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        text=True,
    )
    if result.returncode:
        raise LabError(
            f"apt-get {' '.join(arguments)} failed:\n{result.stdout}{result.stderr}",
            "mend what apt-get says, then try again",
        )


@contextmanager
def _services_not_started() -> Iterator[None]:
    """Packages with a service don't start it while this lasts, unless there is a policy already."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def _playwrights_chromium() -> str | None:
    roots = [os.environ.get("PLAYWRIGHT_BROWSERS_PATH", ""), "~/.cache/ms-playwright"]
    roots.append("~/Library/Caches/ms-playwright")
    for root in filter(None, roots):
        for pattern in ("chromium-*/chrome-*/chrome", "chromium-*/chrome-*/*.app/*/*/Chromium"):
            found = sorted(Path(root).expanduser().glob(pattern))
            if found:
                return str(found[-1])
    return None


def _compose_version() -> tuple[int, ...]:
    """(2, 26); empty where there is no Compose v2."""
    command = ["docker", "compose", "version", "--short"]
    result = subprocess.run(command, capture_output=True, text=True)
    numbers = result.stdout.strip().lstrip("v").split("-")[0].split(".")[:2]
    return tuple(map(int, numbers)) if all(map(str.isdigit, numbers)) else ()


def _succeeds(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, timeout=5).returncode == 0
    except subprocess.TimeoutExpired:
        return False
