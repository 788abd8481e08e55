"""The kit's own dialect: HMAC-SHA256, an answer for one question, a token for one browser.

Every message is an itsdangerous ``TimedSerializer`` text with a salt of its own per purpose,
so that no message can pass for one of another kind. An ask carries a nonce; its answer
carries the same nonce and the consumer's public key, so that an answer fits one question only.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Sequence
from typing import Any

from itsdangerous import BadData, TimedSerializer, URLSafeTimedSerializer

from .. import defences
from ..defences import Defence
from ..errors import MessageRefused, SignatureRefused
from ..keys import challenge_of, new_nonce
from .dialect import Dialect, Payload, Purpose, check_fresh
from .stock import AT_STOCK

SIGNER: dict[str, Any] = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
MAX_NONCE_LENGTH = 64
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # as ``keys.challenge_of`` makes it


class HardenedDialect(Dialect):
    """RFC 7636's challenge and verifier, OpenID Connect's nonce and audience."""

    name = "hardened"
    longest_redirect = 3000  # the way back travels in it
    longest_next = 2000
    asks_silently = True

    def write_ask(self, key: str, purpose: Purpose, payload: Payload) -> tuple[str, str]:
        nonce = new_nonce()
        return _dumps(key, purpose, {**payload, "nonce": nonce}), nonce

    def read_ask(self, keys: Iterable[str], purpose: Purpose, body: str) -> tuple[Payload, str]:
        for key in keys:
            try:
                payload = _loads(key, purpose, body)
            except BadData:
                continue
            nonce = payload.get("nonce")
            if not isinstance(nonce, str) or len(nonce) > MAX_NONCE_LENGTH:
                raise MessageRefused("The message lacks its nonce.")
            return payload, key
        raise SignatureRefused("The message's signature doesn't fit.")

    def write_answer(
        self, key: str, purpose: Purpose, audience: str, question: Payload, payload: Payload
    ) -> str:
        return _dumps(key, purpose, {**payload, "nonce": question["nonce"], "aud": audience})

    def read_answer(
        self, key: str, purpose: Purpose, audience: str, nonce: str, body: str
    ) -> Payload:
        try:
            payload = _loads(key, purpose, body)
        except BadData as error:
            raise MessageRefused("The identity server's answer is not signed by it.") from error
        same = hmac.compare_digest(str(payload.get("nonce")).encode(), nonce.encode())
        meant_for_us = same and payload.get("aud") == audience
        if not meant_for_us and defences.on(Defence.ANSWER_BINDING):
            raise MessageRefused("The identity server's answer is to another question.")
        return payload

    def sign_access_token(self, key: str, token: str) -> str:
        return str(_access_tokens(key).dumps(token))

    def read_access_token(self, keys: Sequence[str], signed: str) -> str:
        for key in keys:
            try:
                token = _access_tokens(key).loads(signed)
            except BadData:
                continue
            if isinstance(token, str):
                return token
        raise MessageRefused("The access token in this link is damaged or not from the server.")

    def person(self, data: Payload) -> Payload:
        if str(data.get("subject")).startswith(AT_STOCK):
            raise MessageRefused("The identity server names people as a stock server's are here.")
        return data

    def challenge(self, question: Payload) -> str:
        challenge = str(question.get("challenge"))
        if not CHALLENGE.fullmatch(challenge):
            raise MessageRefused("The challenge is missing: the hand-shake needs a browser.")
        return challenge

    def fits(self, verifier: object, challenge: str) -> bool:
        return (
            isinstance(verifier, str)
            and verifier.isascii()
            and hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())
        )

    def about(self, person: Payload, further: Payload) -> Payload:
        return person | further


def _access_tokens(key: str) -> URLSafeTimedSerializer:
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


HARDENED = HardenedDialect()
