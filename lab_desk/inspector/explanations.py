"""Why each message and each step exists: the one table of it, ``explanations.toml``.

Steps go by their name in ``sso_kit.events.Step``, messages by a name in small letters, which
``diagram`` gives them.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sso_kit.defences import Defence
from sso_kit.events import Step

from ..desk.protocol import anchor_of

FILE = Path(__file__).parent / "explanations.toml"


@dataclass(frozen=True)
class Explanation:
    """One row of the table.

    Attributes:
        title: what happens, in a few words.
        why: one sentence: why the step exists.
        without: one sentence: what would go wrong without it.
        defence: name of a switchable defence that bears on it, or nothing.
        says: what docs/protocol.md says of it, word for word.
    """

    title: str
    why: str
    without: str
    defence: str
    says: str

    @property
    def stops(self) -> str:
        """What the defence stops."""
        found = {str(defence): defence for defence in Defence}
        return found[self.defence].stops if self.defence else ""

    @property
    def url(self) -> str:
        """Of the line in the protocol's page that says it."""
        return f"/protocol/#{anchor_of(self.says)}"


@cache
def everything() -> dict[str, Explanation]:
    """By name. Raises ``TypeError`` for a row that lacks something, or has too much."""
    rows = tomllib.loads(FILE.read_text())
    return {name: Explanation(**row) for name, row in rows.items()}


def of_step(step: Step) -> Explanation:
    """Raises ``KeyError`` where the table forgets it: a test sees to that."""
    return everything()[step.name]


def of_message(name: str) -> Explanation:
    """Raises ``KeyError`` likewise."""
    return everything()[name]
