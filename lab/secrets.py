"""The lab's secrets: generated once, a file each in an ignored folder that only its owner opens.

A site is told where its own are (``SECRET_KEY_FILE=...``), so they are in nobody's environment
and in no ``docker inspect``. Nothing here is ever printed, and nothing of it gets into an image.
"""

from __future__ import annotations

import os
import secrets
import string
from pathlib import Path

from lab import table
from lab.errors import LabError
from lab.table import Site

FOLDER = "secrets"
ALPHABET = string.ascii_letters + string.digits
LENGTH = 64  # characters of 5.95 bits each: 381 bits. The longest key that simple-sso stores.
# The folder keeps others out. Compose shows a container the files under its own user, whose
# number isn't ours, so the files have to be readable by themselves.
FOLDER_MODE, FILE_MODE = 0o700, 0o444


def prefix(site: Site) -> str:
    """``client-a`` -> ``CLIENT_A``: how a site's variables begin."""
    return site.name.upper().replace("-", "_")


def names() -> list[str]:
    """Every secret of the lab: a Django key per site, a pair of keys per consumer."""
    lab = table.load()
    keys = [f"{prefix(site)}_SECRET_KEY" for site in lab.sites]
    for client in lab.clients:
        keys += [f"{prefix(client)}_PUBLIC_KEY", f"{prefix(client)}_PRIVATE_KEY"]
    return keys


def folder(state: Path) -> Path:
    return state / FOLDER


def ensure(state: Path) -> dict[str, str]:
    """The lab's secrets, generated if there are none yet.

    Raises ``LabError`` when there are some, but not all: what is in the databases was made with
    the one that is gone.
    """
    if not folder(state).exists():
        _write_all(folder(state), _of_one_file(state / "secrets.env") or _generate_all())
        (state / "secrets.env").unlink(missing_ok=True)
    return read(state)


def read(state: Path) -> dict[str, str]:
    """Every secret by its name. Raises ``LabError`` when one is missing or empty."""
    values = {name: _read(folder(state) / name) for name in names()}
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise LabError(
            f"{folder(state)} lacks {', '.join(missing)}.",
            f"make down reset, then delete {folder(state)} (make up writes a new one)",
        )
    return values


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def _of_one_file(path: Path) -> dict[str, str]:
    """Those of a lab from when they were lines of one file; its data were made with them."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _generate_all() -> dict[str, str]:
    return {name: "".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for name in names()}


def _write_all(target: Path, values: dict[str, str]) -> None:
    """Out of others' reach from the first byte on, and never seen half-written."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.mkdir(FOLDER_MODE)
    for name, value in values.items():
        (draft / name).write_text(value)
        (draft / name).chmod(FILE_MODE)
    draft.rename(target)
