"""What the lab's commands print: progress as it happens, colour only for people."""

from __future__ import annotations

import os
import sys


def say(text: str = "") -> None:
    print(text, flush=True)


def bold(text: str) -> str:
    return _styled("1", text)


def dim(text: str) -> str:
    return _styled("2", text)


def _styled(code: str, text: str) -> str:
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else f"\033[{code}m{text}\033[0m"
