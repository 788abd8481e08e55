"""A lab with other knobs than the one that the other tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import instance
from tests.support.instance import Instance

IS_UP = pytest.mark.skipif(os.environ.get("LAB") == "up", reason="starts a lab of its own")


@contextmanager
def with_knobs(state: Path, **knobs: str) -> Iterator[Instance]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in knobs.items():
            patch.setenv(name, value)
        with instance.running(state) as lab:
            yield lab
