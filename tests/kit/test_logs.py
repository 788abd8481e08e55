"""Log lines are JSON, one each, and hold no token."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sso_kit.contrib.logs import JsonFormatter
from sso_kit.redaction import redact

SECRET = "WzEsIjQ3Y2M4:1xV6Dr:AqePXhJn8g1kLrgH5XRExZy-91TB_a.CeT3"


@pytest.mark.parametrize(
    "text",
    [
        f"GET /server/authorize/?token={SECRET} 302",
        f"GET /sso/authenticate/?state={SECRET}&access_token={SECRET} 302",
        f"/login/?next=/server/authorize/%3Ftoken%3D{SECRET}",
        f"/login/?next=%2Fserver%2Fauthorize%2F%3Ftoken%3d{SECRET}%26a%3Db",
        f"http://sso.test/?TOKEN={SECRET}",
        f"private_key={SECRET}",
        f"verifier={SECRET}",
        f'{{"url": "/?token={SECRET}"}}',
        f"<a href='/?token={SECRET}'>",
        f"(token={SECRET})",
    ],
)
def test_a_token_in_an_address_is_blanked(text: str) -> None:
    assert SECRET not in redact(text)
    assert "[redacted]" in redact(text)


def test_what_stands_beside_it_stays() -> None:
    line = "GET /sso/authenticate/?state=abc&access_token=def&page=2 from 127.0.0.1"

    assert redact(line) == (
        "GET /sso/authenticate/?state=[redacted]&access_token=[redacted]&page=2 from 127.0.0.1"
    )
    assert redact("/login/?next=/a/%3Ftoken%3Dabc%26page%3D2").endswith("%3D[redacted]%26page%3D2")


@pytest.mark.parametrize(
    "text", ["", "nothing secret", "the token was used", "?page=2&q=token", "état"]
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert redact(text) == text


@given(st.text(alphabet="abcXYZ0189-_.:~%", min_size=12).filter(lambda text: "%26" not in text))
def test_no_token_survives_whatever_its_characters(token: str) -> None:
    assert token not in redact(f"/authorize/?token={token}")


def line_of(message: str = "said", *arguments: Any, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord(
        "sso_kit.server", logging.WARNING, "file.py", 1, message, arguments, None
    )
    record.__dict__.update(extra)
    formatted = JsonFormatter().format(record)
    assert "\n" not in formatted
    return dict(json.loads(formatted))


def test_a_line_says_when_who_what_and_how_bad() -> None:
    line = line_of("refused %s", "alice")

    assert (line["level"], line["logger"], line["event"]) == (
        "warning",
        "sso_kit.server",
        "refused alice",
    )
    assert line["time"].endswith("+00:00")


def test_extra_fields_are_fields() -> None:
    line = line_of(handshake="abc", status=403, people=["a"], thing={"b": object})

    assert (line["handshake"], line["status"], line["people"]) == ("abc", 403, ["a"])


def test_the_request_object_of_django_is_not_logged() -> None:
    assert set(line_of(request="R", server_time="T", status_code=1)) == {
        "time",
        "level",
        "logger",
        "event",
    }


def test_tokens_are_blanked_in_messages_fields_and_tracebacks() -> None:
    try:
        raise ValueError(f"/?token={SECRET}")
    except ValueError:
        info = sys.exc_info()

    line = line_of(f"/?token={SECRET}", url=f"/?access_token={SECRET}", exc_info=info)

    assert SECRET not in json.dumps(line)
    assert "ValueError" in line["exception"]


@pytest.mark.parametrize(
    "message", ["two\nlines", "forged\r\n{}", "\x00\x1b[31m", "ü \u2028 \ud800"]
)
def test_one_record_is_one_line_whatever_it_says(message: str) -> None:
    assert line_of(message)["event"] == message
