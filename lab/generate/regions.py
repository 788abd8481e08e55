"""The made parts of a file: each between a line with ``>>> NAME`` and one with ``<<< NAME``."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lab.errors import LabError

Parts = Mapping[str, str]


def filled(text: str, parts: Parts, path: str) -> str:
    """The file's text with every made part as it has to be. The marks stay as they are."""
    for name, part in parts.items():
        marks = re.compile(rf"(^.*>>> {name}\b.*\n)(?:.*\n)*?(^.*<<< {name}\b.*$)", re.MULTILINE)
        text, found = marks.subn(rf"\g<1>{_literal(part)}\g<2>", text)
        if found != 1:
            raise LabError(
                f"{path} has {found} parts called {name}, where lab/generate writes one.",
                f"git checkout {path}, then make generate",
            )
    return text


def _literal(part: str) -> str:
    return part.replace("\\", r"\\")


def lines(*text: str, indent: int = 0) -> str:
    """Each on a line of its own, empty ones left out."""
    return "".join(f"{' ' * indent}{line}\n" for line in text if line)
