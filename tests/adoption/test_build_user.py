"""Clients with a ``build_user`` of their own."""

from __future__ import annotations

from tests.adoption.conftest import Both


def test_the_tutorials_client_as_it_is(both: Both) -> None:
    before, after = both()

    assert before.person["user"] == "alice"
    assert after.seen == before.seen
