"""The four addresses of a hand-shake under atheris (libFuzzer), in one process.

    python -m tests.soak.fuzzing CORPUS -runs=100000

The first byte of an input says which address and how deep to begin; the rest are parts,
parted by ``BETWEEN``. What needs a key is signed here, so that the fuzzer gets past the
signatures. An exception that a view doesn't catch, a status of 500 or more, and a refusal
without a reason end the run.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import atheris

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.kit.settings"
with atheris.instrument_imports(include=["sso_kit", "simple_sso", "itsdangerous"]):
    import django

    django.setup()
    from tests.kit import consumers, journeys, urls

from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client
from itsdangerous import TimestampSigner

from sso_kit.client.handshake import HandShakes
from sso_kit.messages import HARDENED, Purpose

LEGACY = {"public_key": "legacy-public", "private_key": "a-legacy-private-key-" * 3}
BETWEEN = b"\n~\n"
HTML = {"accept": "text/html"}
browsers: dict[str, Client] = {}


def text(part: bytes) -> str:
    return part.decode("latin-1")


def signed(purpose: Purpose, part: bytes) -> bytes:
    return consumers.signed_text(urls.PRIVATE_KEY, purpose, text(part)).encode()


def signed_as_stock(part: bytes) -> bytes:
    return TimestampSigner(LEGACY["private_key"], salt="itsdangerous").sign(part)


def ask(channel: str, body: bytes, public_key: str = urls.PUBLIC_KEY) -> Any:
    headers = {"host": "sso.test", "x-services-public-key": public_key}
    return browsers["consumer"].generic(
        "POST", f"/server/{channel}/", body, "application/json", headers=headers
    )


def look(who: str, path: str, query: str, cookies: bytes = b"") -> Any:
    headers = {"cookie": text(cookies)} if cookies else {}
    return browsers[who].get(path, QUERY_STRING=query, headers=headers)


def raw_request_token(first: bytes, second: bytes) -> Any:
    return ask("request-token", first, text(second) or urls.PUBLIC_KEY)


def raw_verify(first: bytes, second: bytes) -> Any:
    return ask("verify", first, text(second) or urls.PUBLIC_KEY)


def signed_request_token(first: bytes, second: bytes) -> Any:
    return ask("request-token", signed(Purpose.REQUEST_TOKEN_ASK, first))


def signed_verify(first: bytes, second: bytes) -> Any:
    return ask("verify", signed(Purpose.VERIFY_ASK, first))


def stock_request_token(first: bytes, second: bytes) -> Any:
    return ask("request-token", signed_as_stock(first), LEGACY["public_key"])


def stock_verify(first: bytes, second: bytes) -> Any:
    return ask("verify", signed_as_stock(first), LEGACY["public_key"])


def raw_authorize(first: bytes, second: bytes) -> Any:
    return look("stranger", "/server/authorize/", text(first), second)


def token_on_authorize(first: bytes, second: bytes) -> Any:
    return look("alice", "/server/authorize/", f"token={text(first)}")


def raw_authenticate(first: bytes, second: bytes) -> Any:
    return look("app", "/sso/authenticate/", text(first), second)


def signed_authenticate(first: bytes, second: bytes) -> Any:
    """A hand-shake that this browser began, and an access token that the server signed."""
    handshakes, request, response = HandShakes(urls.PUBLIC_KEY), HttpRequest(), HttpResponse()
    handshake = handshakes.begin(request, text(second))
    handshakes.remember(request, response, handshake)
    cookie = response.cookies.output(attrs=[], header="", sep=";").strip()
    token = HARDENED.sign_access_token(urls.PRIVATE_KEY, text(first))
    query = urlencode({"state": handshake.state, "access_token": token})
    return look("app", "/sso/authenticate/", query, cookie.encode())


WAYS: tuple[Callable[[bytes, bytes], Any], ...] = (
    raw_request_token,
    raw_verify,
    signed_request_token,
    signed_verify,
    stock_request_token,
    stock_verify,
    raw_authorize,
    token_on_authorize,
    raw_authenticate,
    signed_authenticate,
)


def one_input(data: bytes) -> None:
    if not data:
        return
    first, _, second = data[1:].partition(BETWEEN)
    answer = WAYS[data[0] % len(WAYS)](first, second)
    if answer.status_code >= 500:
        raise RuntimeError(f"status {answer.status_code}: {answer.content[:500]!r}")
    if answer.status_code >= 400 and len(answer.content) < 10:
        raise RuntimeError(f"status {answer.status_code} without a reason")


def seeds() -> list[bytes]:
    """One valid message for each way, so that the fuzzer starts from what works."""
    request_token = consumers.question(consumers.register()).sign().encode()
    asked = b'{"redirect_to": "http://app.test/?a=b", "challenge": "%s", "nonce": "n"}' % (
        b"c" * 43
    )
    verified = b'{"access_token": "abc", "verifier": "v", "extra_data": ["groups"], "nonce": "n"}'
    parts = [
        signed(Purpose.REQUEST_TOKEN_ASK, asked),
        signed(Purpose.VERIFY_ASK, verified),
        asked,
        verified,
        b'{"redirect_to": "http://old.test/"}',
        verified,
        b"token=" + request_token + BETWEEN + b"sessionid=abc",
        request_token,
        b"state=abc&access_token=x.y.z&error=1&passive=1&next=/in/"
        + BETWEEN
        + b"sso_handshake_abc=x:y:z",
        b"the-access-token" + BETWEEN + b"the-verifier",
    ]
    return [bytes([number]) + part for number, part in enumerate(parts)]


def prepare(corpus: Path) -> None:
    """A database, two consumers, one person, and the first inputs."""
    from django.conf import settings

    folder = tempfile.mkdtemp(prefix="sso-kit-fuzz-")
    settings.DATABASES["default"]["NAME"] = f"{folder}/fuzz.sqlite3"
    call_command("migrate", verbosity=0)
    old = consumers.register("old", **LEGACY, origins=["http://old.test"])
    policy = consumers.policy_of(old)
    policy.legacy = True
    policy.save()
    urls.client.back_channel = journeys.InProcess(urls.PUBLIC_KEY)
    for who, host in (
        ("consumer", "sso.test"),
        ("stranger", "sso.test"),
        ("alice", "sso.test"),
        ("app", "app.test"),
    ):
        browsers[who] = Client(headers={"host": host, **HTML})
    browsers["alice"].force_login(consumers.person("alice"))
    for number, seed in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(seed)


if __name__ == "__main__":
    import logging

    logging.disable(logging.CRITICAL)
    prepare(Path(sys.argv[1]))
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
