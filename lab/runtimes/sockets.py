"""Unix sockets of the local runtime: in the lab's folder, which only its owner opens."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from urllib.parse import quote

from lab.errors import LabError
from lab.place import Place

LONGEST_PATH = 90  # the kernel takes 107 bytes (macOS 103), supervisord adds a suffix of a few


def path(place: Place, name: str) -> Path:
    """Where ``name`` listens: elsewhere if the folder makes that longer than a path may be.

    Raises ``LabError`` when the folder for long ones isn't ours alone.
    """
    wanted = place.run / f"{name}.sock"
    if len(os.fsencode(wanted)) <= LONGEST_PATH:
        return wanted
    folder = Path(tempfile.gettempdir()) / f"sso-lab-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise LabError(
            f"{folder}, where sockets with long paths go, is open to others or not yours.",
            "delete it, or use a shorter path: LAB_STATE=/somewhere/short make up",
        )
    return folder / f"{hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]}.sock"


def url(path: Path) -> str:
    """As clients of the socket write it (``sso_kit/client/back_channel/deadline.py``)."""
    return f"http+unix://{quote(str(path), safe='')}"
