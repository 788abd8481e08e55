"""Where a lab keeps its things: one folder of state and one port.

``LAB_STATE`` and ``LAB_PORT`` choose them, so that labs can run side by side. What is up
is written down in the state folder, so that ``make status`` finds a lab whose port was
given to ``make up`` only.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lab import table
from lab.errors import LabError
from lab.table import HIGHEST_PORT, LOWEST_PORT

LONGEST_PATH = 90  # the kernel takes 107 bytes (macOS 103), supervisord adds a suffix of a few


@dataclass(frozen=True)
class Record:
    """What ``up`` wrote down about the lab that it started."""

    runtime: str
    port: int


@dataclass(frozen=True)
class Place:
    """One lab's folder and the port of its nginx."""

    state: Path
    port: int

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def logs(self) -> Path:
        return self.state / "log"

    @property
    def run(self) -> Path:
        """Generated configuration and everything else that may be thrown away."""
        return self.state / "run"

    @property
    def events(self) -> Path:
        """What the sites tell the desk."""
        return self.run / "events"

    @property
    def ident(self) -> str:
        """Tells this lab from those of other checkouts: in project names and socket paths."""
        return hashlib.sha256(str(self.state).encode()).hexdigest()[:8]

    def socket(self, name: str) -> Path:
        """Where ``name`` listens: elsewhere if the folder makes that longer than a path may be.

        Raises ``LabError`` when the folder for long ones isn't ours alone.
        """
        wanted = self.run / f"{name}.sock"
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

    def make_folders(self) -> None:
        for folder in (self.state, self.data, self.logs, self.run, self.events):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time changes this lab; a second one waits for its turn."""
        self.make_folders()
        with (self.run / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def write_record(self, runtime: str) -> None:
        record = {"runtime": runtime, "port": self.port}
        (self.state / "up.json").write_text(json.dumps(record))

    def forget_record(self) -> None:
        (self.state / "up.json").unlink(missing_ok=True)

    @property
    def runtime_of_data(self) -> str:
        """The runtime that was last up here and has the data; empty before the first time."""
        note = self.state / "runtime"
        if note.exists():
            return note.read_text().strip()
        return "local" if any(self.data.glob("*.sqlite3")) else ""

    def note_runtime(self, name: str) -> None:
        (self.state / "runtime").write_text(name)

    def forget_runtime(self) -> None:
        (self.state / "runtime").unlink(missing_ok=True)


def read_record(state: Path) -> Record | None:
    """What is up in this folder, if anything was started and not taken down since."""
    try:
        return Record(**json.loads((state / "up.json").read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def state_folder() -> Path:
    """``LAB_STATE``, relative to the checkout; ``.lab`` unless told otherwise."""
    return (table.ROOT / os.environ.get("LAB_STATE", ".lab")).resolve()


def from_environment() -> Place:
    """The lab that the environment names: ``LAB_PORT``, else where it is up, else the default."""
    state = state_folder()
    record = read_record(state)
    default = record.port if record else table.load().port
    return Place(state, _port(os.environ.get("LAB_PORT", ""), default))


def where_it_is_up() -> Place:
    """As ``from_environment``, but a lab that is up is found at its own port."""
    record = read_record(state_folder())
    return Place(state_folder(), record.port) if record else from_environment()


def _port(text: str, default: int) -> int:
    if not text:
        return default
    if text.isdigit() and LOWEST_PORT <= int(text) <= HIGHEST_PORT:
        return int(text)
    raise LabError(
        f"LAB_PORT={text} is not a port between {LOWEST_PORT} and {HIGHEST_PORT}.",
        f"LAB_PORT={table.load().port} make up",
    )
