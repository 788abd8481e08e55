"""``make bench``: measure, say which targets are met, keep the figures.

Exit code 0: the run is valid. 1: a target is missed (``--strict``) or a guarded ratio is
(``--guard``). 2: the run is void.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bench import imports, session, targets
from bench.session import Results, say
from lab.table import ROOT
from tests.support.process import Failed

LATEST = ROOT / "bench/results/latest.json"


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="sso-bench-") as folder:
        try:
            results = _measure(Path(folder), options.quick)
        except Failed as failed:
            print(f"\nThis run is void.\n{failed}", file=sys.stderr)
            return 2
    session.save(results, LATEST)
    return _conclude(results, options)


def _measure(folder: Path, quick: bool) -> Results:
    results = session.run(folder, session.QUICK if quick else session.FULL)
    results["quick"] = quick
    results["imports"] = imports.seconds(folder, 2 if quick else 5)
    say("imports timed")
    if not quick:
        from bench import crowd, inspector, upstart

        results["inspector"] = inspector.compare(folder)
        results["crowd"] = crowd.compare(folder)
        results["make_up"] = upstart.seconds(folder)
    return results


def _conclude(results: Results, options: argparse.Namespace) -> int:
    judged = targets.judge(results)
    guarded = targets.guard(results) if options.guard else []
    print()
    for target in judged + guarded:
        print(f"{target.verdict}  {target.text:48} {target.found:>22}  (wanted {target.wanted})")
    print(f"\nFigures: {LATEST.relative_to(ROOT)}. Into the docs: .venv/bin/python -m bench.report")
    missed = (judged if options.strict else []) + guarded
    return int(not all(target.holds for target in missed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", default=os.environ.get("QUICK") == "1")
    parser.add_argument("--strict", action="store_true", help="fail when a target is missed")
    parser.add_argument("--guard", action="store_true", help="fail when a ratio is far off")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
