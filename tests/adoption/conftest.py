"""The stage is set once; each test has projects of its own on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.adoption.journeys import Arrived, sign_in
from tests.adoption.stage import FLAVOURS, Stage, running

Both = Callable[..., tuple[Arrived, Arrived]]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("adoption"))
    try:
        stage.prepare()
        yield stage
    finally:
        stage.stop()


@pytest.fixture
def both(stage: Stage) -> Both:
    """Sign Alice in at a client with stock, and then with the kit: where she arrived."""

    def sign_in_at_both(**client: Any) -> tuple[Arrived, Arrived]:
        before, after = (_sign_in(stage.client(flavour, **client)) for flavour in FLAVOURS)
        assert (before.ours, after.ours) == (False, True)
        return before, after

    return sign_in_at_both


def _sign_in(client: Any) -> Arrived:
    with running(client):
        return sign_in(client)
