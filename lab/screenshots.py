"""placeholder"""

from __future__ import annotations


def run() -> int:
    return 0
