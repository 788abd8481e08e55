"""The stock wire format, spoken only where a consumer or a server is marked legacy.

Stock signs with HMAC-SHA1 (itsdangerous' default), with one salt for everything and no
nonce. Its pin, itsdangerous 0.24, counts a signature's time from 2011-01-01; 1.0 and
later count from 1970 (itsdangerous' changelog, 1.0.0). Read with the other library's
clock, a 0.24 signature is always expired and a 2.x one never is. So the time is judged
here, by whichever epoch makes the message recent.

Sources: ``simple_sso/utils.py`` of django-simple-sso 1.3.0; ``timed.py`` of itsdangerous
0.24 and 2.2.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData, TimedSerializer, URLSafeTimedSerializer

from ..errors import MessageRefused
from .hardened import check_fresh

EPOCH_OF_0_24 = timedelta(seconds=1293840000)  # 2011-01-01T00:00:00Z

log = logging.getLogger("sso_kit.messages.stock")


def write(key: str, payload: dict[str, Any]) -> str:
    """Sign a message as stock does."""
    return str(TimedSerializer(key).dumps(payload))


def read(key: str, body: str) -> dict[str, Any]:
    """Check a stock message. Raises ``MessageRefused`` when forged, stale or no object."""
    try:
        payload, signed_at = TimedSerializer(key).loads(body, return_timestamp=True)
    except BadData as error:
        raise MessageRefused("The message's signature doesn't fit.") from error
    if not isinstance(payload, dict):
        raise MessageRefused("The message is not an object.")
    check_fresh(_on_our_clock(signed_at))
    return payload


def sign_access_token(key: str, token: str) -> str:
    """The access token as stock's client reads it."""
    return str(URLSafeTimedSerializer(key).dumps(token))


def read_access_token(key: str, signed: str) -> str:
    """The bare access token of a stock server. Raises ``MessageRefused``."""
    try:
        token = URLSafeTimedSerializer(key).loads(signed)
    except BadData as error:
        raise MessageRefused("The access token in this link is damaged.") from error
    return str(token)


def _on_our_clock(signed_at: datetime) -> datetime:
    """A time written by 0.24 lies before 2011 when read from 1970; put it right."""
    by_0_24 = signed_at + EPOCH_OF_0_24
    if by_0_24 <= datetime.now(UTC) + timedelta(days=1):
        return by_0_24
    return signed_at
