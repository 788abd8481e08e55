"""Everybody is signed in as themselves: 20,000 log-ins of 64 people at once.

The long run of ``tests/attacks/test_wrong_person.py``; run by ``make soak``. Whole log-ins,
over HTTP, each person in a browser of their own.

What would make this lie: people who never meet. Hence the control: the same crowd on the
stock twin, with threads that take turns often, must show wrong or refused log-ins.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attacks import crowd, pairs
from tests.attacks.crowd import Tally

PEOPLE = 64
LOG_INS = 20_000
LOG_INS_SYNC = 2_000
LOG_INS_STOCK, TRIES = 2_000, 10
TELL_EVERY = 1_000

THREADS = ("--worker-class=gthread", "--workers=1", "--threads=16")
SWITCHING = (*THREADS, "--config=tests/twin/gunicorn_switching.py")
SYNC = ("--worker-class=sync", "--workers=2")


def run(folder: Path, flavour: str, options: tuple[str, ...], log_ins: int) -> Tally:
    pair = pairs.start(folder, flavour, options=options, people=PEOPLE)
    try:
        return crowd.log_in(pair, PEOPLE, -(-log_ins // PEOPLE), telling(time.monotonic()))
    finally:
        pair.close()


def telling(begun: float) -> Callable[[Tally], None]:
    """Says how far the run is, now and then."""

    def tell(tally: Tally) -> None:
        if tally.total % TELL_EVERY == 0:
            seconds = time.monotonic() - begun
            print(f"\n  {tally} so far, {seconds:.0f} s", end="", file=sys.stderr)

    return tell


@pytest.mark.parametrize(
    ("options", "log_ins"),
    [(THREADS, LOG_INS), (SWITCHING, LOG_INS), (SYNC, LOG_INS_SYNC)],
    ids=["threads", "threads that take turns every 0.1 ms", "sync workers"],
)
def test_nobody_is_signed_in_as_somebody_else_and_nobody_is_refused(
    tmp_path: Path, options: tuple[str, ...], log_ins: int
) -> None:
    tally = run(tmp_path / "kit", "kit", options, log_ins)

    print(f"\n  {tally}", file=sys.stderr)
    assert tally.total >= log_ins
    assert (tally.wrong, tally.refused) == (0, 0), tally.examples[:20]


def test_stock_signs_people_in_as_somebody_else_or_refuses_them(tmp_path: Path) -> None:
    tallies = (
        run(tmp_path / str(number), "stock", SWITCHING, LOG_INS_STOCK) for number in range(TRIES)
    )

    broken = next((tally for tally in tallies if tally.wrong + tally.refused), None)

    assert broken, "no race in so many log-ins: this run proves nothing"
    print(f"\n  stock: {broken}", file=sys.stderr)
