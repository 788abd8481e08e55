"""How texts between an app and its server are signed and read.

There are two dialects: the ``hardened`` one, and ``stock``'s for a side that isn't migrated
yet. Everything that the two do differently is in their objects, ``HARDENED`` and ``STOCK``;
the rest of the kit asks the dialect. ``docs/protocol.md`` has the format field by field.
"""

from __future__ import annotations

from .dialect import MAX_BODY_BYTES, REFUSAL_HEADER, Dialect, Payload, Person, Purpose, SignedIn
from .hardened import HARDENED
from .stock import STOCK

__all__ = [
    "HARDENED",
    "MAX_BODY_BYTES",
    "REFUSAL_HEADER",
    "STOCK",
    "Dialect",
    "Payload",
    "Person",
    "Purpose",
    "SignedIn",
    "dialect_of",
]


def dialect_of(challenge: str) -> Dialect:
    """What a hand-shake is spoken in: only a hardened one is bound to a browser."""
    return HARDENED if challenge else STOCK
