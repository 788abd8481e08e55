"""Threat: with threads, one person is logged in as another one.

Source: stock keeps the consumer and the token of the request at hand on one provider
object a process (``simple_sso/sso_server/server.py``), so two requests at once mix.

What would make this lie: no two requests at once. Hence the control: the same crowd on
the stock twin must show wrong or refused log-ins. The long run is in ``tests/soak``.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.attacks import crowd
from tests.attacks.pairs import CROWD, Pair

EACH = 20
TRIES = 10


@pytest.mark.threat("wrong-person")
def test_everybody_of_a_crowd_is_signed_in_as_themselves(
    kit: Pair, saw: Callable[[str], None]
) -> None:
    tally = crowd.log_in(kit, CROWD, EACH)

    saw(str(tally))
    assert (tally.wrong, tally.refused) == (0, 0), tally.examples


@pytest.mark.control("wrong-person", "stock")
def test_the_same_crowd_breaks_stock(stock: Pair, saw: Callable[[str], None]) -> None:
    tallies = (crowd.log_in(stock, CROWD, EACH) for _ in range(TRIES))

    broken = next((tally for tally in tallies if tally.wrong + tally.refused), None)

    assert broken, "no race in so many log-ins: this run proves nothing"
    saw(str(broken))
