"""The commands behind `make` that test and check: ``python -m tests VERB``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from lab.errors import LabError
from tests.support import linting, screenshots, testing
from tests.support.process import Failed

VERBS: dict[str, Callable[[], int]] = {
    "test": testing.everything,
    "unit": testing.without_browser,
    "e2e": testing.browser_only,
    "soak": testing.long_runs,
    "lint": linting.run,
    "screenshots": screenshots.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__)
    parser.add_argument("verb", choices=VERBS)
    try:
        return VERBS[parser.parse_args().verb]()
    except (LabError, Failed) as error:
        print(f"\n{error}\n", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
