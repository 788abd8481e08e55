"""``SSO_KIT["DEFENCES_OFF"]`` from a file, so that a running twin's defences can be switched.

Tests of attacks switch one defence off and on again without starting processes anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


class Switches:
    """The names in a file, one a line, read anew at each look; none without the file."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __iter__(self) -> Iterator[str]:
        try:
            return iter(self.file.read_text().split())
        except FileNotFoundError:
            return iter(())

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __bool__(self) -> bool:
        return bool(list(self))
