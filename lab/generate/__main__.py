"""``python -m lab.generate``, also `make generate`; standard library only."""

from __future__ import annotations

import sys

from lab import generate
from lab.console import say
from lab.errors import LabError

if __name__ == "__main__":
    try:
        for path in generate.stale():
            generate.write(path)
            say(f"Written: {path}")
    except LabError as error:
        sys.exit(f"\n{error}\n")
