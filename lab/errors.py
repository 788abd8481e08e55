"""What stops a lab command, always with what to do about it."""

from __future__ import annotations


class LabError(Exception):
    """A cause and its fix, both for a person to read."""

    def __init__(self, cause: str, fix: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.cause}\n  What to do: {self.fix}"
