"""Texts without the tokens in them, for logs and error reports."""

from __future__ import annotations

import re

# Also where the address is itself a parameter: ``?next=/sso/authorize/%3Ftoken%3D...``
SECRET_PARAMETERS = re.compile(
    r"(access_token|token|state|verifier|private_key)(=|%3D)((?!%26)[^&\s\"'<>])+", re.IGNORECASE
)


def redact(text: str) -> str:
    """A text with the values of token parameters blanked."""
    if "=" not in text and "%3" not in text:  # as most are: no parameter
        return text
    return SECRET_PARAMETERS.sub(r"\1\2[redacted]", text)
