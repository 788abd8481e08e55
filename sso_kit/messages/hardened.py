"""The kit's own dialect: HMAC-SHA256, an answer for one question, a token for one browser.

Every message is JSON, signed by ``django.core.signing.Signer`` with a salt of its own per
purpose, so that no message can pass for one of another kind. It says when it was written
(``iat``, RFC 7519, 4.1.6). An ask carries a nonce; its answer carries the same nonce and the
consumer's public key (``aud``), so that an answer fits one question only.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeGuard

from django.core.signing import BadSignature, Signer

from .. import clock, defences
from ..defences import Defence
from ..errors import MessageRefused, SignatureRefused
from ..keys import challenge_of, new_nonce
from .dialect import Dialect, Payload, Person, Purpose, SignedIn, check_fresh
from .stock import AT_STOCK

SEPARATOR = "."  # needs no quoting in an address, unlike Django's colon
MAX_NONCE_LENGTH = 64  # characters
LARGEST_TIME = 53  # bits of a whole number that every JSON reader has (RFC 8259, 6)
ID = re.compile(r"[A-Za-z0-9_-]{16,64}")  # of a sign-in
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # as ``keys.challenge_of`` makes it


class HardenedDialect(Dialect):
    """RFC 7636's challenge and verifier, OpenID Connect's nonce and audience."""

    name = "hardened"
    algorithm = "HMAC-SHA256"
    longest_redirect = 3000  # the way back travels in it
    longest_next = 2000
    asks_silently = True
    has_sessions = True

    def write_ask(self, key: str, purpose: Purpose, payload: Payload) -> tuple[str, str]:
        nonce = new_nonce()
        return _write(key, purpose, {**payload, "nonce": nonce}), nonce

    def read_ask(self, keys: Iterable[str], purpose: Purpose, body: str) -> tuple[Payload, str]:
        for key in keys:
            try:
                payload = _read(key, purpose, body)
            except BadSignature:
                continue
            nonce = payload.get("nonce")
            if not isinstance(nonce, str) or len(nonce) > MAX_NONCE_LENGTH:
                raise MessageRefused("The message lacks its nonce.")
            return payload, key
        raise SignatureRefused("The message's signature doesn't fit.")

    def write_answer(
        self, key: str, purpose: Purpose, audience: str, question: Payload, payload: Payload
    ) -> str:
        return _write(key, purpose, {**payload, "nonce": question["nonce"], "aud": audience})

    def read_answer(
        self, key: str, purpose: Purpose, audience: str, nonce: str, body: str
    ) -> Payload:
        try:
            payload = _read(key, purpose, body)
        except BadSignature as error:
            raise MessageRefused(
                "The identity server's answer is not signed by it.",
                remedy="Something else answers at server_url, or its key for this app was "
                "replaced at this very moment.",
            ) from error
        same = hmac.compare_digest(str(payload.get("nonce")).encode(), nonce.encode())
        meant_for_us = same and payload.get("aud") == audience
        if not meant_for_us and defences.on(Defence.ANSWER_BINDING):
            raise MessageRefused("The identity server's answer is to another question.")
        return payload

    def sign_access_token(self, key: str, token: str) -> str:
        return _signer(key, Purpose.ACCESS_TOKEN).sign(token)

    def read_access_token(self, keys: Sequence[str], signed: str) -> str:
        for key in keys:
            try:
                return _signer(key, Purpose.ACCESS_TOKEN).unsign(signed)
            except BadSignature:
                continue
        raise MessageRefused("The access token in this link is damaged or not from the server.")

    def read_person(self, answer: Payload) -> Person:
        profile, subject = answer.get("user"), answer.get("subject")
        if not isinstance(profile, dict) or not isinstance(subject, str):
            raise MessageRefused("The identity server did not say who this is.")
        if subject.startswith(AT_STOCK):
            raise MessageRefused("The identity server names people as a stock server's are here.")
        issuer, left = answer.get("iss"), answer.get("session_expires_in")
        return Person(
            profile,
            subject,
            issuer if isinstance(issuer, str) else "",
            answer.get("email_verified") is True,
            left if isinstance(left, int) else None,
            _signed_in(answer.get("session"), answer["iat"]),
        )

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

    def write_person(self, person: Person) -> Payload:
        return {
            "user": person.profile,
            "subject": person.subject,
            "iss": person.issuer,
            "email_verified": person.email_verified,
            "session_expires_in": person.session_expires_in,
            **({"session": _told(person.session)} if person.session else {}),
        }


def _told(session: SignedIn) -> Payload:
    return {name: value for name, value in vars(session).items() if name != "auth_age"}


def _signed_in(told: object, answered: int) -> SignedIn | None:
    """What an answer says of the sign-in; nothing where it isn't whole."""
    if not isinstance(told, dict):
        return None
    name, began, auth_time = (told.get(key) for key in ("id", "began", "auth_time"))
    if not isinstance(name, str) or not _is_count(began) or not (ID.fullmatch(name) or not name):
        return None
    auth_time = auth_time if _is_count(auth_time) else 0
    amr = told.get("amr")
    return SignedIn(
        name,
        began,
        auth_time,
        max(0, answered - auth_time),
        tuple(each for each in amr if isinstance(each, str)) if isinstance(amr, list) else (),
        told["idle"] if _is_count(told.get("idle")) else None,
        told["lasts"] if _is_count(told.get("lasts")) else None,
    )


def _is_count(value: object) -> TypeGuard[int]:
    return type(value) is int and 0 <= value < 2**LARGEST_TIME


def _signer(key: str, purpose: Purpose) -> Signer:
    """No fallbacks: Django's default is the site's own old keys, which aren't the consumer's."""
    return Signer(key=key, sep=SEPARATOR, salt=purpose, algorithm="sha256", fallback_keys=[])


def _write(key: str, purpose: Purpose, payload: Payload) -> str:
    written = {**payload, "iat": int(clock.utc().timestamp())}
    return _signer(key, purpose).sign(json.dumps(written, separators=(",", ":")))


def _read(key: str, purpose: Purpose, body: str) -> Payload:
    """Raises ``BadSignature``, and ``MessageRefused`` for what is signed and yet no message."""
    text = _signer(key, purpose).unsign(body)
    try:
        payload: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise MessageRefused("The message is not JSON.") from error
    if not isinstance(payload, dict):
        raise MessageRefused("The message is not an object.")
    written = payload.get("iat")
    if type(written) is not int or written.bit_length() > LARGEST_TIME:
        raise MessageRefused("The message doesn't say when it was written.")
    check_fresh(written)
    return payload


HARDENED = HardenedDialect()
