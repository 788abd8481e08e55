"""The signed messages of the back channel, and the signed access token.

Every message is an itsdangerous ``TimedSerializer`` text, HMAC-SHA256, with a salt of
its own per purpose, so that no message can pass for one of another kind. An ask carries
a nonce; its answer carries the same nonce and the consumer's public key, so that an
answer fits one question only. ``docs/protocol.md`` has the format field by field.

The stock format (HMAC-SHA1, no purpose, no nonce) is in ``messages/stock.py``.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, TimedSerializer, URLSafeTimedSerializer

from .. import defences
from ..defences import Defence
from ..errors import MessageRefused

FRESH_SECONDS = 30  # how far apart the two clocks, plus the way, may be
MAX_BODY_BYTES = 16 * 1024
REFUSAL_HEADER = "x-sso-refusal"  # of a 4xx answer: the code of its reason, see ``exceptions``

Payload = dict[str, Any]


class Purpose(StrEnum):
    """What a message is for; the salt of its signature."""

    REQUEST_TOKEN_ASK = "sso-kit/2 request-token ask"
    REQUEST_TOKEN_ANSWER = "sso-kit/2 request-token answer"
    VERIFY_ASK = "sso-kit/2 verify ask"
    VERIFY_ANSWER = "sso-kit/2 verify answer"
    ACCESS_TOKEN = "sso-kit/2 access token"


SIGNER = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}


def new_nonce() -> str:
    """128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def write_ask(key: str, purpose: Purpose, payload: Payload) -> tuple[str, str]:
    """Sign a question. Returns ``(body, nonce)``; the nonce is 128 random bits."""
    nonce = new_nonce()
    return _dumps(key, purpose, {**payload, "nonce": nonce}), nonce


def read_ask(keys: Iterable[str], purpose: Purpose, body: str) -> tuple[Payload, str]:
    """Check a question against every valid key. Returns ``(payload, key that fits)``.

    Raises:
        MessageRefused: garbled, forged, of another kind, or not fresh.
    """
    for key in keys:
        try:
            return _loads(key, purpose, body), key
        except BadData:
            continue
    raise MessageRefused("The message's signature doesn't fit.")


def write_answer(key: str, purpose: Purpose, audience: str, nonce: object, payload: Payload) -> str:
    """Sign an answer for one consumer (its public key) and one question (its nonce)."""
    return _dumps(key, purpose, {**payload, "nonce": nonce, "aud": audience})


def read_answer(key: str, purpose: Purpose, audience: str, nonce: str, body: str) -> Payload:
    """Check an answer, and that it is the answer to *this* question.

    Raises:
        MessageRefused: forged, stale, for another consumer, or to another question.
    """
    try:
        payload = _loads(key, purpose, body)
    except BadData as error:
        raise MessageRefused("The identity server's answer is not signed by it.") from error
    if defences.on(Defence.ANSWER_BINDING):
        same = hmac.compare_digest(str(payload.get("nonce")).encode(), nonce.encode())
        if not same or payload.get("aud") != audience:
            raise MessageRefused("The identity server's answer is to another question.")
    return payload


def sign_access_token(key: str, token: str) -> str:
    """The access token as the browser carries it: signed, so that garbage costs nothing."""
    return _access_token_serializer(key).dumps(token)


def read_access_token(keys: Sequence[str], signed: str) -> str:
    """The bare token. Raises ``MessageRefused`` where no key fits."""
    for key in keys:
        try:
            token = _access_token_serializer(key).loads(signed)
        except BadData:
            continue
        if isinstance(token, str):
            return token
    raise MessageRefused("The access token in this link is damaged or not from the server.")


def _access_token_serializer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt=Purpose.ACCESS_TOKEN, signer_kwargs=SIGNER)


def _dumps(key: str, purpose: Purpose, payload: Payload) -> str:
    return str(TimedSerializer(key, salt=purpose, signer_kwargs=SIGNER).dumps(payload))


def _loads(key: str, purpose: Purpose, body: str) -> Payload:
    serializer = TimedSerializer(key, salt=purpose, signer_kwargs=SIGNER)
    payload, signed_at = serializer.loads(body, return_timestamp=True)
    if not isinstance(payload, dict):
        raise MessageRefused("The message is not an object.")
    check_fresh(signed_at)
    return payload


def check_fresh(signed_at: datetime) -> None:
    """Raise ``MessageRefused`` where a message is from another time, past or future."""
    apart = abs((datetime.now(UTC) - signed_at).total_seconds())
    if apart > FRESH_SECONDS and defences.on(Defence.FRESHNESS):
        raise MessageRefused(
            f"The message is {apart:.0f} s away from this clock; {FRESH_SECONDS} s is the most."
        )
