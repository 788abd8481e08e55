"""Threat: with threads, one person is logged in as another one.

Source: stock keeps the consumer and the token of the request at hand on one provider
object a process (``simple_sso/sso_server/server.py``), so two requests at once mix.

What would make this lie: no two requests at once. Hence the control: on stock, the same
burst of questions must be answered wrongly or refused. Whole log-ins are too slow to meet
often here; ``tests/soak`` has 20,000 of them, with their control.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks import crowd
from tests.attacks.pairs import CROWD, Pair

Saw = Callable[[str], None]
LOG_INS_EACH = 15
QUESTIONS_EACH = 60
TRIES = 10


@pytest.mark.threat("wrong-person")
def test_everybody_of_a_crowd_is_signed_in_as_themselves(kit: Pair, saw: Saw) -> None:
    tally = crowd.log_in(kit, CROWD, LOG_INS_EACH)

    saw(f"log-ins: {tally}")
    assert (tally.wrong, tally.refused) == (0, 0), tally.examples


@pytest.mark.threat("wrong-person")
def test_a_burst_of_questions_is_answered_with_the_right_people(kit: Pair, saw: Saw) -> None:
    with kit.without("single-use"):  # so that tokens can be asked about as often as on stock
        tally = crowd.verify(kit, CROWD, QUESTIONS_EACH)

    saw(f"questions: {tally}")
    assert (tally.wrong, tally.refused) == (0, 0), tally.examples


@pytest.mark.control("wrong-person", "stock")
def test_the_same_burst_mixes_people_up_on_stock(stock: Pair, saw: Saw) -> None:
    tallies = (crowd.verify(stock, CROWD, QUESTIONS_EACH) for _ in range(TRIES))

    broken = next((tally for tally in tallies if tally.wrong + tally.refused), None)

    assert broken, "no race in so many questions: this run proves nothing"
    saw(f"questions: {broken}")
