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
KNOWN = "sites.txt"  # in it: whose secrets were made. What one of these lacks is never made anew
PAIR = ("PUBLIC_KEY", "PRIVATE_KEY")
ALPHABET = string.ascii_letters + string.digits
LENGTH = 64  # characters of 5.95 bits each: 381 bits. The longest key that simple-sso stores.
# The folder keeps others out. Compose shows a container the files under its own user, whose
# number isn't ours, so the files have to be readable by themselves.
FOLDER_MODE, FILE_MODE = 0o700, 0o444


def of_site(site: Site) -> list[str]:
    """The names of what is generated for one site: what it is tells what it needs."""
    kinds = ("SECRET_KEY",) * site.kind.is_django + PAIR * site.kind.is_consumer
    return [f"{site.prefix}_{kind}" for kind in kinds]


def seen_by(site: Site) -> list[str]:
    """Its own; and the server sees each app's pair."""
    clients = table.load().clients if site.is_server else ()
    pairs = [f"{client.prefix}_{half}" for client in clients for half in PAIR]
    return of_site(site) + pairs


def names() -> list[str]:
    """Every secret of the lab."""
    return [name for site in table.load().sites for name in of_site(site)]


def folder(state: Path) -> Path:
    return state / FOLDER


def ensure(state: Path) -> dict[str, str]:
    """The lab's secrets; those of a site that is new in the table are generated.

    Raises ``LabError`` as ``check`` does.
    """
    target = folder(state)
    if not target.exists():
        _make_folder(target, _of_one_file(state / "secrets.env") or {KNOWN: ""})
        (state / "secrets.env").unlink(missing_ok=True)
    check(state)
    known = _known(target)
    new = [site for site in table.load().sites if site.name not in known]
    for name in [name for site in new for name in of_site(site)]:
        _write(target / name, _read(target / name) or _generate())
    # Last, so that a site whose secrets were only half written is new again the next time.
    _write(target / KNOWN, "\n".join(sorted(known | {site.name for site in new})))
    return read(state)


def check(state: Path) -> None:
    """Raises ``LabError`` when one is missing, or empty, of a site that was there before: what is
    in the databases was made with the one that is gone.
    """
    target = folder(state)
    known = _known(target)
    old = [site for site in table.load().sites if site.name in known]
    missing = [name for site in old for name in of_site(site) if not _read(target / name)]
    if missing:
        raise LabError(
            f"{target} lacks {', '.join(missing)}.",
            f"make down reset, then delete {target} (make up writes a new one)",
        )


def read(state: Path) -> dict[str, str]:
    """Every secret that was made, by its name."""
    return {name: _read(folder(state) / name) for name in names()}


def _known(target: Path) -> set[str]:
    """Whose secrets were made here once. From before this was noted: whoever has one still."""
    if (target / KNOWN).exists():
        return set(_read(target / KNOWN).split())
    return {
        site.name
        for site in table.load().sites
        if site.is_server or any((target / name).exists() for name in of_site(site))
    }


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def _of_one_file(path: Path) -> dict[str, str]:
    """Those of a lab from when they were lines of one file; its data were made with them."""
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _generate() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _make_folder(target: Path, values: dict[str, str]) -> None:
    """Out of others' reach from the first byte on, and never seen half-written."""
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    draft.mkdir(FOLDER_MODE)
    for name, value in values.items():
        _write(draft / name, value)
    draft.rename(target)


def _write(path: Path, value: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(value)
    draft.chmod(FILE_MODE)
    draft.replace(path)
