"""Reading answers, for the tests of every site."""

from __future__ import annotations

import html
from typing import Any


def text(response: Any) -> str:
    """The page as written, with entities resolved and white space evened out."""
    return " ".join(html.unescape(response.content.decode()).split())
