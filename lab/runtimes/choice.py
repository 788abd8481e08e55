"""What the two runtimes have in common, and which of them is used."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lab.errors import LabError
from lab.machine import system
from lab.place import Place, read_record
from lab.runtimes.compose import Compose
from lab.runtimes.local import Local


@dataclass(frozen=True)
class Choice:
    name: str
    reason: str


class Runtime(Protocol):
    """A lab at one place, run one way. Services: the three sites and ``nginx``."""

    @property
    def name(self) -> str: ...
    @property
    def place(self) -> Place: ...
    def is_up(self) -> bool: ...
    def up(self) -> None: ...
    def down(self) -> None: ...
    def reset(self) -> None: ...
    def discard(self) -> None: ...
    def wait_ready(self) -> None: ...
    def states(self) -> dict[str, str]: ...
    def start(self, service: str) -> None: ...
    def stop(self, service: str) -> None: ...
    def pause(self, service: str) -> None: ...
    def resume(self, service: str) -> None: ...
    def manage(self, service: str, arguments: Sequence[str]) -> str: ...
    def show_manage(self, service: str, arguments: Sequence[str]) -> int: ...
    def log(self, service: str, lines: int) -> str: ...
    def save_logs(self, folder: Path) -> None: ...
    def follow_logs(self, services: Sequence[str]) -> None: ...


def of_name(name: str, place: Place) -> Runtime:
    return Compose(place) if name == "compose" else Local(place)


def choose(place: Place) -> Choice:
    """``RUNTIME`` if it is set, else as the lab is up, else where its data is.

    On the first day: Compose where a Docker engine answers, else local.
    """
    wanted = os.environ.get("RUNTIME", "auto")
    if wanted in ("compose", "local"):
        return Choice(wanted, f"RUNTIME={wanted}")
    if wanted not in ("auto", ""):
        raise LabError(f"RUNTIME={wanted} is unknown.", "RUNTIME=compose, local or auto")
    running = current(place)
    if running is not None:
        other = "local" if running.name == "compose" else "compose"
        return Choice(running.name, f"as the lab is up; RUNTIME={other} starts it the other way")
    return _where_the_data_is(place) or _of_this_machine()


def _where_the_data_is(place: Place) -> Choice | None:
    """The two runtimes don't share data: with another engine it would seem to be lost."""
    has_data, lacking = place.runtime_of_data, system.compose_lacks()
    if has_data == "local":
        return Choice("local", "the data is there; RUNTIME=compose starts with data of its own")
    if has_data == "compose" and lacking is None:
        return Choice("compose", "the data is there; RUNTIME=local starts with data of its own")
    if has_data == "compose":
        return Choice("local", f"{lacking}; the data of last time stays in Compose's volumes")
    return None


def _of_this_machine() -> Choice:
    lacking = system.compose_lacks()
    if lacking is None:
        return Choice("compose", "a Docker engine answers; RUNTIME=local does without")
    return Choice("local", lacking)


def current(place: Place) -> Runtime | None:
    """The runtime in which this lab is up, if it is."""
    record = read_record(place.state)
    runtime = of_name(record.runtime, place) if record else Local(place)
    return runtime if runtime.is_up() else None
