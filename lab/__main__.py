"""The commands behind `make`: ``python -m lab VERB``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from lab import generate
from lab.commands import doctor, running
from lab.console import ending

VERBS: dict[str, Callable[[], int]] = {
    "up": running.up,
    "down": running.down,
    "status": running.status,
    "manage": running.manage,
    "generate": generate.run,
    "reset": running.reset,
    "discard": running.discard,
    "doctor": doctor.run,
}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in VERBS:
        verbs.add_parser(verb)
    logs = verbs.add_parser("logs")
    logs.add_argument("service", nargs="?")
    return parser.parse_args()


def main() -> int:
    options = parse()
    if options.verb == "logs":
        return ending(lambda: running.logs(options.service))
    return ending(VERBS[options.verb])


if __name__ == "__main__":
    sys.exit(main())
