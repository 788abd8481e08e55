"""What was told, read from where it was written, as far as it has been written.

Nothing is done while nobody looks. The files are the store: they are bounded by whoever writes
them, and there again after a restart (``site_common/inspection/spool.py``).
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from site_common.inspection import spool

from .book import Book
from .records import Malformed, read

MOST_AT_ONCE = 8 * 1024 * 1024  # bytes of a file in one go


@dataclass
class Shelf:
    """The book of this process, brought up to date at each look.

    Attributes:
        folder: of the spool.
        longest: seconds that something is kept.
    """

    folder: Path
    longest: float
    book: Book = field(default_factory=Book)
    read_to: dict[int, int] = field(default_factory=dict)
    dropped: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> Book:
        """With all that is written, and without what is too old.

        Locked: two threads that look at once would read the same lines twice.
        """
        with self.lock:
            there = set()
            for kind in (spool.SITES, spool.NGINX):
                for path in spool.files(self.folder, kind):
                    with suppress(FileNotFoundError):
                        there.add(self._read_on(path))
            if self.read_to and not any(self.read_to.values()):  # the lab was reset
                self.book = Book()
            self.read_to = {each: to for each, to in self.read_to.items() if each in there}
            self.book.forget(before=time.time() - self.longest)
            return self.book

    def _read_on(self, path: Path) -> int:
        """What has been added to a file; its number, which it keeps when it is renamed."""
        with path.open("rb") as file:
            found = path.stat()
            start = self.read_to.get(found.st_ino, 0)
            if found.st_size < start:  # emptied since
                start = 0
            if found.st_size == start:
                self.read_to[found.st_ino] = start
                return found.st_ino
            file.seek(start)
            data = file.read(MOST_AT_ONCE)
        whole = data[: data.rfind(b"\n") + 1]  # the last line may still be on its way
        for line in whole.split(b"\n"):
            self._take(line)
        self.read_to[found.st_ino] = start + len(whole)
        return found.st_ino

    def _take(self, line: bytes) -> None:
        if not line:
            return
        try:
            told = read(line)
        except Malformed:
            self.dropped += 1
        else:
            self.book.add(told)


_shelves: dict[str, Shelf] = {}
_lock = threading.Lock()


def shelf() -> Shelf:
    """This process's own, of the folder that the settings name."""
    folder = settings.INSPECTOR_FOLDER
    with _lock:
        if folder not in _shelves:
            _shelves[folder] = Shelf(Path(folder), settings.INSPECTOR_LONGEST)
        return _shelves[folder]
