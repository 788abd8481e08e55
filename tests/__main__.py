"""The commands behind `make` that test and check: ``python -m tests VERB``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from lab.console import ending
from tests.support import linting, reference, screenshots, testing
from tests.support.process import Failed

VERBS: dict[str, Callable[[], int]] = {
    "test": testing.everything,
    "unit": testing.without_browser,
    "e2e": testing.browser_only,
    "soak": testing.long_runs,
    "lint": linting.run,
    "screenshots": screenshots.run,
    "reference": reference.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    return ending(VERBS[parser.parse_args().verb], Failed)


if __name__ == "__main__":
    sys.exit(main())
