"""Run the mutants, two side by side; 1 if one survives, doesn't run, or is out of date."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.catalogue import Mutant, mutants, problems
from tests.mutants.workshop import Outcome, Verdict, Workshop

WORKERS = 2


def main(beginnings: Sequence[str]) -> int:
    began = time.monotonic()
    found = mutants()
    if wrong := problems(found):
        print("The list is out of date:", *wrong, sep="\n  ", file=sys.stderr)
        return 1
    chosen = [mutant for mutant in found if mutant.id.startswith(tuple(beginnings) or "")]
    if not chosen:
        print(f"No mutant's id begins with {' or '.join(beginnings)}.", file=sys.stderr)
        return 1
    with _workshops() as free:
        if failure := _fails_unchanged(chosen, free):
            print(f"Without any change, a test fails: {failure}", file=sys.stderr)
            return 1
        outcomes = list(_judge_all(chosen, free))
    return _conclude(outcomes, time.monotonic() - began)


@contextmanager
def _workshops() -> Iterator[SimpleQueue[Workshop]]:
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        free: SimpleQueue[Workshop] = SimpleQueue()
        for number in range(WORKERS):
            free.put(Workshop(Path(folder) / str(number)))
        yield free


def _fails_unchanged(chosen: list[Mutant], free: SimpleQueue[Workshop]) -> str:
    """Every test that is to kill one must pass while there is none."""
    tests = sorted({test for mutant in chosen for test in mutant.tests})
    print(f"{len(tests)} tests without any change ...", flush=True)
    shop = free.get()
    verdict, by = shop.run(tests)
    free.put(shop)
    return "" if verdict is Verdict.SURVIVED else by


def _judge_all(chosen: list[Mutant], free: SimpleQueue[Workshop]) -> Iterator[Outcome]:
    def judge(mutant: Mutant) -> Outcome:
        shop = free.get()
        try:
            return shop.judge(mutant)
        finally:
            free.put(shop)

    with ThreadPoolExecutor(WORKERS) as pool:
        pending = [pool.submit(judge, mutant) for mutant in chosen]
        for number, future in enumerate(as_completed(pending), 1):
            outcome = future.result()
            print(f"[{number:3}/{len(chosen)}] {_line(outcome)}", flush=True)
            yield outcome


def _line(outcome: Outcome) -> str:
    by = outcome.by.removeprefix("tests/kit/")
    return f"{outcome.verdict:8} {outcome.seconds:5.1f} s  {outcome.mutant.id:34} {by}"


def _conclude(outcomes: list[Outcome], seconds: float) -> int:
    left = [outcome for outcome in outcomes if outcome.verdict is not Verdict.KILLED]
    for outcome in sorted(left, key=lambda outcome: outcome.mutant.id):
        print(f"\n{outcome.mutant.id}: {outcome.verdict} ({outcome.mutant.path})")
        print(*(f"  {sentence}" for sentence in outcome.mutant.sentences), sep="\n")
    times = Counter(outcome.verdict for outcome in outcomes)
    counts = ", ".join(f"{times[verdict]} {verdict}" for verdict in Verdict)
    print(f"\n{len(outcomes)} mutants in {seconds:.0f} s: {counts}")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
