"""The wire format once more, with nothing but the standard library.

Attackers don't import ``sso_kit``, and a signature checked by the code that made it proves
little. Ours: ``docs/protocol.md``; stock's: itsdangerous' ``TimedSerializer``.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

SALTS = {
    ("request-token", "ask"): "sso-kit/3 request-token ask",
    ("request-token", "answer"): "sso-kit/3 request-token answer",
    ("verify", "ask"): "sso-kit/3 verify ask",
    ("verify", "answer"): "sso-kit/3 verify answer",
}
ACCESS_TOKEN = "sso-kit/3 access token"
STOCK_SALT = "itsdangerous"


@dataclass(frozen=True)
class Scheme:
    """How a key and a salt become a signature, and where the time of a message is.

    Attributes:
        stamped: the time stands between text and signature, as stock has it; else in the text.
    """

    digest: str
    stamped: bool

    def signature(self, key: str, salt: str, text: bytes) -> bytes:
        derived = hashlib.new(self.digest, salt.encode() + b"signer" + key.encode()).digest()
        return encode(hmac.digest(derived, text, self.digest))


KIT = Scheme("sha256", stamped=False)
STOCK = Scheme("sha1", stamped=True)


def write(
    key: str, salt: str, payload: Any, *, scheme: Scheme = KIT, at: float | None = None
) -> str:
    """A signed message, as if written at another time where ``at`` says so."""
    seconds = int(time.time() if at is None else at)
    if not scheme.stamped and isinstance(payload, dict):
        payload = {**payload, "iat": seconds}
    text = json.dumps(payload, separators=(",", ":")).encode()
    if scheme.stamped:
        text += b"." + encode(seconds.to_bytes((seconds.bit_length() + 7) // 8, "big"))
    return (text + b"." + scheme.signature(key, salt, text)).decode()


def fits(message: str, key: str, salt: str, scheme: Scheme) -> bool:
    """Whether a message's signature is that of the key, salt and scheme."""
    signed, _, signature = message.encode().rpartition(b".")
    return hmac.compare_digest(signature, scheme.signature(key, salt, signed))


def payload(message: str) -> dict[str, Any]:
    """What a message says, unchecked."""
    found: dict[str, Any] = json.loads(message[: message.rindex("}") + 1])
    return found


def profile(message: str) -> dict[str, Any]:
    """What an answer says of a person, unchecked; stock's says nothing else."""
    said = payload(message)
    found: dict[str, Any] = said.get("user", said)
    return found


def bare_token(signed: str) -> str:
    """The access token inside its signed form, unchecked; stock's is JSON with a time."""
    text, *stamp, _ = signed.split(".")
    if not stamp:
        return text
    return str(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2: base64url(SHA-256)."""
    return encode(hashlib.sha256(verifier.encode()).digest()).decode()


def encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def hex_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
