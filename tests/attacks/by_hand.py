"""The wire format once more, with nothing but the standard library.

Attackers don't import ``sso_kit``, and a signature checked by the code that made it proves
little. Format: itsdangerous' ``TimedSerializer``; salts and digests: ``docs/protocol.md``.
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
    ("request-token", "ask"): "sso-kit/2 request-token ask",
    ("request-token", "answer"): "sso-kit/2 request-token answer",
    ("verify", "ask"): "sso-kit/2 verify ask",
    ("verify", "answer"): "sso-kit/2 verify answer",
}
ACCESS_TOKEN = "sso-kit/2 access token"
STOCK_SALT = "itsdangerous"


@dataclass(frozen=True)
class Scheme:
    """How a key and a salt become a signature."""

    digest: str
    derivation: str

    def signature(self, key: str, salt: str, text: bytes) -> bytes:
        return encode(hmac.digest(self._derived(key, salt), text, self.digest))

    def _derived(self, key: str, salt: str) -> bytes:
        if self.derivation == "hmac":
            return hmac.digest(key.encode(), salt.encode(), self.digest)
        return hashlib.new(self.digest, salt.encode() + b"signer" + key.encode()).digest()


KIT = Scheme("sha256", "hmac")
STOCK = Scheme("sha1", "django-concat")


def write(
    key: str, salt: str, payload: Any, *, scheme: Scheme = KIT, at: float | None = None
) -> str:
    """A signed message, as if written at another time where ``at`` says so."""
    text = json.dumps(payload, separators=(",", ":")).encode()
    return _sign(key, salt, text, scheme, at)


def write_url_safe(
    key: str, salt: str, payload: Any, *, scheme: Scheme = KIT, at: float | None = None
) -> str:
    """The same for a text that goes into an address: the payload in base64."""
    text = encode(json.dumps(payload, separators=(",", ":")).encode())
    return _sign(key, salt, text, scheme, at)


def _sign(key: str, salt: str, text: bytes, scheme: Scheme, at: float | None) -> str:
    seconds = int(time.time() if at is None else at)
    stamp = encode(seconds.to_bytes((seconds.bit_length() + 7) // 8, "big"))
    signed = text + b"." + stamp
    return (signed + b"." + scheme.signature(key, salt, signed)).decode()


def fits(message: str, key: str, salt: str, scheme: Scheme) -> bool:
    """Whether a message's signature is that of the key, salt and scheme."""
    signed, _, signature = message.encode().rpartition(b".")
    return hmac.compare_digest(signature, scheme.signature(key, salt, signed))


def payload(message: str) -> dict[str, Any]:
    """What a message says, unchecked."""
    found: dict[str, Any] = json.loads(message.rsplit(".", 2)[0])
    return found


def bare_token(signed: str) -> str:
    """The access token inside its signed form, unchecked."""
    text = signed.rsplit(".", 2)[0]
    return str(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def challenge_of(verifier: str) -> str:
    """RFC 7636, 4.2: base64url(SHA-256)."""
    return encode(hashlib.sha256(verifier.encode()).digest()).decode()


def encode(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def hex_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
