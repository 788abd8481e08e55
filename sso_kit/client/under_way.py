"""The hand-shake that this thread, or task, is working on.

Stock's hooks (``Client.get_request_token``, ``get_user``, ``build_user``) are called with what
stock gives them, and projects override them so. What a hand-shake needs beyond that, its
challenge, its verifier and whom the server vouched for, is here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ..messages import Person
from .handshake import HandShake


@dataclass
class Passage:
    """A hand-shake, from where the browser comes in to where it is sent on.

    Attributes:
        handshake: ``None`` for a token that nobody here asked for.
        person: whom the server vouched for, once it was asked.
    """

    handshake: HandShake | None
    person: Person | None = None


_passage: ContextVar[Passage | None] = ContextVar("sso_kit.passage", default=None)


@contextmanager
def under_way(handshake: HandShake | None) -> Iterator[Passage]:
    """Work on a hand-shake; what is found out about it is in the ``Passage``."""
    passage = Passage(handshake)
    token = _passage.set(passage)
    try:
        yield passage
    finally:
        _passage.reset(token)


def current() -> Passage | None:
    """The one that is under way here, if any."""
    return _passage.get()
