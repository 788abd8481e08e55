"""Secrets that don't show themselves, and how one is told from another."""

from __future__ import annotations

import base64
import hashlib
import secrets


class Key(str):
    """A private key. Its ``repr`` is masked, so tracebacks and debug pages don't print it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Key('**********')"


def fingerprint(key: str) -> str:
    """12 hex characters that name a key without telling it."""
    return hashlib.sha256(b"sso-kit key fingerprint" + key.encode()).hexdigest()[:12]


def digest(token: str) -> str:
    """What is stored in place of a token: its SHA-256, 64 hex characters."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_nonce() -> str:
    """128 random bits as 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


def random_token() -> str:
    """256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def reference_of(challenge: str) -> str:
    """A hand-shake's id in the logs of both sides: the beginning of its challenge."""
    return challenge[:10]


def challenge_of(verifier: str) -> str:
    """The public half of a browser binding: base64url(SHA-256), as RFC 7636, 4.2 (S256)."""
    raw = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
