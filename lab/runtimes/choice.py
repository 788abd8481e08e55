"""Which of the two runtimes is used."""

from __future__ import annotations

import os
from dataclasses import dataclass

from lab.errors import LabError
from lab.machine import system
from lab.place import Place, read_record
from lab.runtimes.base import Runtime
from lab.runtimes.compose import Compose
from lab.runtimes.local import Local


@dataclass(frozen=True)
class Choice:
    name: str
    reason: str


def runtime_of(name: str, place: Place) -> Runtime:
    return Compose(place) if name == "compose" else Local(place)


def choose_runtime(place: Place) -> Choice:
    """``RUNTIME`` if it is set, else as the lab is up, else where its data is.

    On the first day: Compose where a Docker engine answers, else local.
    """
    wanted = os.environ.get("RUNTIME", "auto")
    if wanted in ("compose", "local"):
        return Choice(wanted, f"RUNTIME={wanted}")
    if wanted not in ("auto", ""):
        raise LabError(f"RUNTIME={wanted} is unknown.", "RUNTIME=compose, local or auto")
    running = current_runtime(place)
    if running is not None:
        other = "local" if running.name == "compose" else "compose"
        return Choice(running.name, f"as the lab is up; RUNTIME={other} starts it the other way")
    return _where_the_data_is(place) or _of_this_machine()


def _where_the_data_is(place: Place) -> Choice | None:
    """The two runtimes don't share data: with another engine it would seem to be lost."""
    has_data = place.runtime_of_data
    if has_data == "local":
        return Choice("local", "the data is there; RUNTIME=compose starts with data of its own")
    if has_data != "compose":
        return None
    lacking = system.compose_lacks()
    if lacking is None:
        return Choice("compose", "the data is there; RUNTIME=local starts with data of its own")
    return Choice("local", f"{lacking}; the data of last time stays in Compose's volumes")


def _of_this_machine() -> Choice:
    lacking = system.compose_lacks()
    if lacking is None:
        return Choice("compose", "a Docker engine answers; RUNTIME=local does without")
    return Choice("local", lacking)


def current_runtime(place: Place) -> Runtime | None:
    """The runtime in which this lab is up, if it is."""
    record = read_record(place.state)
    runtime = runtime_of(record.runtime, place) if record else Local(place)
    return runtime if runtime.is_up() else None
