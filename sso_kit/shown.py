"""What a message holds, as it may be shown: nothing in it can be used.

Whatever is long enough to be a token, a key or an id is cut, whatever it is called and wherever
it stands; so a field that is new is safe before anybody has thought of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

BEGINNING = 6  # characters of a token that are shown
SHORTEST = 16  # characters of what is cut: a nonce has 22, a UUID 36
# Of ASCII, as every token and key is, and of letters of other alphabets, to be safe.
LONG = re.compile(rf"[0-9A-Za-z_\-\x80-\U0010ffff]{{{SHORTEST},}}")
FIELD = re.compile(r"[a-z]{1,20}(?:[_-][a-z]{1,20}){0,5}")
NEVER = frozenset({"verifier", "private_key", "password", "csrfmiddlewaretoken", "sessionid"})
PLAIN = frozenset({bool, int, float, type(None)})
MOST_TEXT, MOST_ITEMS, DEEPEST = 300, 40, 4


def shown(value: Any, name: str = "", depth: int = 0) -> Any:
    """A value of JSON's with everything in it cut that could be used.

    Parameters:
        name: of the field that it is from.

    Returns:
        the same shape: texts of at most 300 characters, at most 40 items of a list or an object,
        four levels deep.
    """
    if name in NEVER:
        return _hidden(value)
    kind = type(value)
    if kind is str:
        return short(value)
    if kind in PLAIN:
        return value
    if kind is dict or isinstance(value, Mapping):
        if depth >= DEEPEST:
            return "…"
        items = list(value.items())[:MOST_ITEMS]
        return {_field(str(key)): shown(each, str(key), depth + 1) for key, each in items}
    if kind is list or kind is tuple:
        if depth >= DEEPEST:
            return "…"
        return [shown(each, name, depth + 1) for each in value[:MOST_ITEMS]]
    return short(str(value))


def _field(name: str) -> str:
    """A field's name whole, as long as it is one: small letters, and no token has only those."""
    return name if FIELD.fullmatch(name) else short(name)


def _hidden(value: Any) -> str:
    if type(value) is str:
        return f"({len(value)} characters, never shown)" if value else ""
    return "(never shown)"


def short(text: str) -> str:
    """A text whose long words show their beginning only."""
    if len(text) < SHORTEST:
        return text
    cut = LONG.sub(lambda found: found[0][:BEGINNING] + "…", text[: MOST_TEXT * 4])
    return cut if len(cut) <= MOST_TEXT else cut[:MOST_TEXT] + "…"
