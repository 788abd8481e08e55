"""Digests and tokens, compared with what they are said to be, computed by hand."""

from __future__ import annotations

import base64
import hashlib

from sso_kit.keys import challenge_of, digest, random_token


def test_the_challenge_is_the_example_of_rfc_7636() -> None:
    """Appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_a_token_is_kept_as_its_sha_256() -> None:
    assert digest("token") == hashlib.sha256(b"token").hexdigest()


def test_a_token_is_256_random_bits() -> None:
    tokens = {random_token() for _ in range(100)}

    assert len(tokens) == 100
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}
