"""The lab's secrets: generated once, kept in an ignored file that only its owner reads.

The file is in the form that ``docker compose --env-file`` takes. Nothing here is ever
printed, and nothing of it gets into an image.
"""

from __future__ import annotations

import os
import secrets
import string
from pathlib import Path

from lab import table
from lab.errors import LabError
from lab.table import Site

FILE = "secrets.env"
ALPHABET = string.ascii_letters + string.digits
LENGTH = 64  # characters of 5.95 bits each: 381 bits. The longest key that simple-sso stores.


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


def ensure(state: Path) -> dict[str, str]:
    """The lab's secrets, generated if there are none yet."""
    path = state / FILE
    if not path.exists():
        _write(path, {name: _generate() for name in names()})
    return read(path)


def read(path: Path) -> dict[str, str]:
    """Parse the file. Raises ``LabError`` when a secret is missing from it."""
    lines = [line for line in path.read_text().splitlines() if "=" in line]
    values = dict(line.split("=", 1) for line in lines if not line.startswith("#"))
    missing = [name for name in names() if not values.get(name)]
    if missing:
        raise LabError(
            f"{path} lacks {', '.join(missing)}.",
            f"make down reset, then delete {path} (make up writes a new one)",
        )
    return values


def _generate() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _write(path: Path, values: dict[str, str]) -> None:
    """Readable by nobody else from its first byte on, and never seen half-written."""
    draft = path.with_name(f".{FILE}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# Secrets of this lab, made by `make up`. Don't commit, don't share.\n")
        file.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)
