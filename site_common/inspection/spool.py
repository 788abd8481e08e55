"""Where the sites write down what happens, and the desk reads it: a few files in one folder.

To write is one append to a file, which waits for nobody: whether the desk is up, hangs or has never
been started makes no difference, and it finds later what happened meanwhile. What can't be
written, because the disk is full, is dropped.

    sites.jsonl   one line a record, of all sites
    nginx.jsonl   one line a request, of nginx
    *.1.jsonl     the same from before, up to ``KEPT`` of them; what is older is gone

Whoever writes sees to it that they stay small, so that they do where nobody reads.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

SITES, NGINX = "sites", "nginx"
LARGEST = 4 * 1024 * 1024  # bytes of a file
KEPT = 3  # files from before, of each kind
LONGEST = 32 * 1024  # characters of a record; what is longer is told without its details
LOOK_EVERY = 1.0  # seconds between two looks whether the file is another one now
FILE_MODE = 0o666  # nginx is another user in its container; the folder keeps strangers out
FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
ENCODER = json.JSONEncoder(default=str, separators=(",", ":"), ensure_ascii=False)


def current(folder: Path, kind: str) -> Path:
    return folder / f"{kind}.jsonl"


def files(folder: Path, kind: str) -> list[Path]:
    """Those that there may be, the oldest first."""
    before = [folder / f"{kind}.{number}.jsonl" for number in range(KEPT, 0, -1)]
    return [*before, current(folder, kind)]


def prepare(folder: Path) -> None:
    """Make the files: nginx opens its own when it starts, and may not be allowed to make it."""
    with suppress(OSError):
        for kind in (SITES, NGINX):
            path = current(folder, kind)
            path.touch(FILE_MODE)
            path.chmod(FILE_MODE)


def forget(folder: Path) -> None:
    """All of it, as if nothing had happened. nginx keeps its file open: that one is emptied."""
    for kind in (SITES, NGINX):
        *before, now = files(folder, kind)
        for path in before:
            path.unlink(missing_ok=True)
        with suppress(FileNotFoundError):
            os.truncate(now, 0)


class Spool:
    """What a process writes with. One for all of its threads, and for its children.

    Parameters:
        folder: that is there already.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = current(folder, SITES)
        self.file = -1
        self.looked = 0.0

    def write(self, *records: dict[str, Any]) -> bool:
        """Whether they were written. Never waits for anybody, never raises."""
        try:
            # On lines of their own, also where the one before was cut by a full disk.
            lines = "\n".join(map(_encoded, records))
            data = f"\n{lines}\n".encode("utf-8", "replace")
            return os.write(self._opened(), data) == len(data)
        except (OSError, ValueError, TypeError):
            self.looked = 0.0
            return False

    def _opened(self) -> int:
        now = time.monotonic()
        if now - self.looked > LOOK_EVERY:
            self.looked = now
            self._look()
        return self.file

    def _look(self) -> None:
        """Open the file that is there now; begin another one where it is full."""
        for kind in (SITES, NGINX):
            with suppress(FileNotFoundError):
                if current(self.folder, kind).stat().st_size > LARGEST:
                    _turn_over(self.folder, kind)
        opened = os.open(self.path, FLAGS, FILE_MODE)
        if self.file < 0:
            self.file = opened
            return
        os.dup2(opened, self.file)  # under the same number: another thread may be writing
        os.close(opened)


def _turn_over(folder: Path, kind: str) -> None:
    """The current file becomes one of before. Of several that want to, one does it."""
    with _alone(folder) as is_mine:
        if not is_mine or current(folder, kind).stat().st_size <= LARGEST:
            return
        *before, now = files(folder, kind)
        for older, newer in itertools.pairwise(before):
            with suppress(FileNotFoundError):
                newer.rename(older)
        if kind == SITES:  # whoever has it open looks again in a moment
            now.rename(before[-1])
        else:  # nginx has it open for good
            shutil.copyfile(now, before[-1])
            os.truncate(now, 0)


@contextmanager
def _alone(folder: Path) -> Iterator[bool]:
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def _encoded(record: dict[str, Any]) -> str:
    text = ENCODER.encode(record)
    if len(text) > LONGEST:
        steps = [
            {name: value for name, value in step.items() if name != "details"}
            for step in record["steps"]
        ]
        text = ENCODER.encode({**record, "request": None, "steps": steps})
    return text
