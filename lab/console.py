"""What the lab's commands print: progress as it happens, colour only for people."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from lab.errors import LabError


def say(text: str = "") -> None:
    print(text, flush=True)


def ending(work: Callable[[], int], *known: type[Exception]) -> int:
    """A command's exit status; what is wrong is said in words.

    Parameters:
        known: errors that say what is wrong, beside ``LabError``.
    """
    explained: tuple[type[Exception], ...] = (LabError, *known)
    try:
        return work()
    except explained as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `make up | head`: nobody reads on
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def bold(text: str) -> str:
    return _styled("1", text)


def dim(text: str) -> str:
    return _styled("2", text)


def _styled(code: str, text: str) -> str:
    plain = not sys.stdout.isatty() or "NO_COLOR" in os.environ
    return text if plain else f"\033[{code}m{text}\033[0m"
