"""A request token is a signed text, short-lived, and worth nothing elsewhere."""

from __future__ import annotations

import pytest
from django.core import signing

from sso_kit.errors import TokenRefused
from sso_kit.server.request_tokens import (
    LIFETIME,
    RequestToken,
    RequestTokenExpired,
    read_request_token,
)
from tests.kit.clock import Clock

TOKEN = RequestToken(
    7, "0123456789ab", "http://app.test/sso/authenticate/?a=ü", "c" * 43, True, "serial"
)


def test_it_says_what_was_asked() -> None:
    assert read_request_token(TOKEN.sign()) == TOKEN


def test_it_is_taken_to_the_end_of_its_life(clock: Clock) -> None:
    signed = TOKEN.sign()
    clock.advance(LIFETIME.total_seconds() - 2)

    assert read_request_token(signed) == TOKEN


def test_it_is_refused_afterwards_and_still_says_whose_it_was(clock: Clock) -> None:
    signed = TOKEN.sign()
    clock.advance(LIFETIME.total_seconds() + 2)

    with pytest.raises(RequestTokenExpired, match="too long ago") as refused:
        read_request_token(signed)
    assert refused.value.token == TOKEN


def test_no_changed_character_passes() -> None:
    signed = TOKEN.sign()
    for position in range(len(signed) - 1):
        changed = (
            signed[:position] + ("A" if signed[position] != "A" else "B") + signed[position + 1 :]
        )
        with pytest.raises(TokenRefused):
            read_request_token(changed)


@pytest.mark.parametrize("signed", ["", ":", "::", "a:b:c", "é:ü:ß", "\x00", "." * 100, "𝟏:𝟏:𝟏"])
def test_garbage_is_a_bad_request(signed: str) -> None:
    with pytest.raises(TokenRefused) as refused:
        read_request_token(signed)
    assert refused.value.status == 400


@pytest.mark.parametrize("content", [[], {}, "text", [1, 2], list(range(10))])
def test_a_signed_text_of_another_shape_is_a_bad_request(content: object) -> None:
    with pytest.raises(TokenRefused):
        read_request_token(signing.dumps(content, salt="sso-kit/3 request token"))


def test_what_else_this_site_signs_is_no_request_token() -> None:
    with pytest.raises(TokenRefused):
        read_request_token(signing.dumps([1, "k", "r", "c", False, "s"], salt="another salt"))


def test_its_log_reference_is_the_start_of_the_challenge() -> None:
    assert TOKEN.reference == "c" * 10
    assert RequestToken(7, "k", "r", "", False, "serial-of-stock").reference == "serial-of-"
