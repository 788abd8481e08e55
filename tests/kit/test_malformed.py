"""Whatever is sent to the four addresses of a hand-shake: 4xx with a reason, never a crash.

The test client raises what a view doesn't catch, so a 500 is an error here. The longer,
coverage-guided run is tests/soak/test_fuzz.py.
"""

from __future__ import annotations

import time
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from simple_sso.sso_server.models import Consumer

from sso_kit.keys import challenge_of
from sso_kit.messages import Purpose
from tests.kit import urls
from tests.kit.consumers import (
    as_stock,
    person,
    policy_of,
    question,
    register,
    signed,
    signed_text,
)
from tests.kit.journeys import InProcess

pytestmark = pytest.mark.django_db
quickly = tuned(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=80
)
CHANNELS = {"request-token": Purpose.REQUEST_TOKEN_ASK, "verify": Purpose.VERIFY_ASK}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = ("redirect_to", "challenge", "passive", "access_token", "verifier", "extra_data", "nonce")
HEADER_TEXT = st.text(st.characters(min_codepoint=0, max_codepoint=255), max_size=80)


@pytest.fixture(autouse=True)
def app(monkeypatch: pytest.MonkeyPatch) -> Consumer:
    monkeypatch.setattr(urls.client, "back_channel", InProcess(urls.PUBLIC_KEY))
    return register()


def ask(channel: str, body: bytes, public_key: str = urls.PUBLIC_KEY, **extra: Any) -> Any:
    headers = {"host": "sso.test", "x-services-public-key": public_key}
    kind = extra.pop("content_type", "application/json")
    return Client().generic("POST", f"/server/{channel}/", body, kind, headers=headers, **extra)


def assert_refused_with_a_reason(answer: Any) -> None:
    assert 400 <= answer.status_code < 500, answer.status_code
    assert len(answer.content.strip()) > 10
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("channel", CHANNELS)
@quickly
@given(body=st.binary(max_size=300), public_key=HEADER_TEXT | st.just(urls.PUBLIC_KEY))
@example(body=b"", public_key="")
@example(body=b"", public_key=urls.PUBLIC_KEY)
@example(body=b"{}.AAAA.AAAA", public_key=urls.PUBLIC_KEY)
@example(body=b"\xff" * 20000, public_key=urls.PUBLIC_KEY)
@example(body=b"x", public_key="\x00")
@example(body=b"x", public_key="k" * 5000)
def test_bytes_on_the_back_channel(channel: str, body: bytes, public_key: str) -> None:
    assert_refused_with_a_reason(ask(channel, body, public_key))


@pytest.mark.parametrize("channel", CHANNELS)
@quickly
@given(kind=HEADER_TEXT, length=HEADER_TEXT | st.integers().map(str), encoding=HEADER_TEXT)
@example(kind="multipart/form-data", length="10", encoding="")
@example(kind="application/x-www-form-urlencoded; charset=nonsense", length="-1", encoding="gzip")
def test_headers_on_the_back_channel(channel: str, kind: str, length: str, encoding: str) -> None:
    answer = ask(
        channel,
        b"body",
        content_type=kind,
        CONTENT_LENGTH=length,
        HTTP_CONTENT_ENCODING=encoding,
        **{"wsgi.input": BytesIO(b"body")},  # type: ignore[arg-type]  # as WSGI has it
    )

    assert_refused_with_a_reason(answer)


@pytest.mark.parametrize("channel", CHANNELS)
@quickly
@given(JSON | st.dictionaries(st.sampled_from(FIELDS), JSON))
@example({"access_token": "\ud800", "verifier": "\ud800", "nonce": "n"})
@example({"redirect_to": f"{urls.APP_URL}/", "challenge": "\ud800" * 43, "nonce": "n"})
@example({"redirect_to": f"{urls.APP_URL}/", "challenge": "c" * 43, "nonce": float("nan")})
def test_signed_nonsense_on_the_back_channel(channel: str, payload: object) -> None:
    """The consumer's key in wrong hands, or a client with a bug."""
    if isinstance(payload, dict):
        payload = {"iat": int(time.time()), **payload}
    body = signed(urls.PRIVATE_KEY, CHANNELS[channel], payload)

    assert_refused_with_a_reason(ask(channel, body.encode()))


@pytest.mark.parametrize("channel", CHANNELS)
@quickly
@given(
    JSON.filter(lambda payload: isinstance(payload, dict))
    | st.dictionaries(st.sampled_from(FIELDS), JSON)
)
def test_signed_nonsense_in_stocks_format(channel: str, payload: dict[str, Any]) -> None:
    policy = policy_of(Consumer.objects.get())
    policy.legacy = True
    policy.save()

    assert_refused_with_a_reason(ask(channel, as_stock(urls.PRIVATE_KEY, payload).encode()))


@pytest.mark.parametrize("depth", [500, 2000, 8000])
@pytest.mark.parametrize("channel", CHANNELS)
def test_signed_nesting_deeper_than_the_stack(channel: str, depth: int) -> None:
    text = '{"nonce": ' + "[" * depth + "]" * depth + "}"
    body = signed_text(urls.PRIVATE_KEY, CHANNELS[channel], text)

    assert_refused_with_a_reason(ask(channel, body.encode()))


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "head", "options", "trace"])
@pytest.mark.parametrize("channel", CHANNELS)
def test_another_method_on_the_back_channel(channel: str, method: str) -> None:
    answer = getattr(Client(headers={"host": "sso.test"}), method)(f"/server/{channel}/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


QUERY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
QUERIES = st.dictionaries(
    st.sampled_from(["token", "state", "access_token", "next", "passive", "error"]) | QUERY_TEXT,
    QUERY_TEXT,
    max_size=5,
).map(urlencode) | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=120)


@pytest.fixture
def visitors() -> dict[bool, Client]:
    """A browser in which somebody is signed in at the server, and one in which nobody is."""
    browsers = {known: Client(headers={"host": "sso.test"}) for known in (True, False)}
    browsers[True].force_login(person())
    return browsers


@pytest.mark.parametrize("signed_in", [True, False])
@quickly
@given(QUERIES)
@example("token=%ff%fe")
@example("token=%00")
@example("token=" + "a:" * 3000)
@example("&".join(f"token{number}=1" for number in range(1200)))
def test_any_query_on_authorize(visitors: dict[bool, Client], signed_in: bool, query: str) -> None:
    answer = visitors[signed_in].get("/server/authorize/", QUERY_STRING=query)

    assert 400 <= answer.status_code < 500
    assert answer.content


@quickly
@given(
    QUERIES,
    st.dictionaries(st.sampled_from(["sso_handshake_", "sessionid", "sso_checked"]), HEADER_TEXT),
)
@example("access_token=x.y.z&state=%ff", {})
@example("access_token=" + "x" * 2000, {})
@example("error", {})
@example("error&passive", {})
@example("access_token=é", {"sso_handshake_": "\x00"})
@example("&".join(f"state{number}=1" for number in range(1200)), {})
def test_any_query_on_authenticate(query: str, cookies: dict[str, str]) -> None:
    browser = Client(headers={"host": "app.test"})
    raw = "; ".join(f"{name}={value}" for name, value in cookies.items())

    answer = browser.get("/sso/authenticate/", QUERY_STRING=query, HTTP_COOKIE=raw)

    if answer.status_code == 302:  # the answer to a passive question, with cookies off
        assert answer["Location"] == "/?sso=checked"
        assert {"error", "passive"} <= set(QueryDict(query))
        return
    assert 400 <= answer.status_code < 500
    assert answer.content


@quickly
@given(QUERY_TEXT)
@example("\ud7ff")
@example("http://[::1")
def test_any_next_begins_a_hand_shake(wanted: str) -> None:
    answer = Client(headers={"host": "app.test"}).get("/sso/", {"next": wanted})

    assert answer.status_code == 302
    assert answer["Location"].startswith("http://sso.test/server/authorize/?token=")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "head"])
@pytest.mark.parametrize(
    ("host", "url"),
    [("sso.test", "/server/authorize/"), ("app.test", "/sso/authenticate/"), ("app.test", "/sso/")],
)
def test_another_method_in_the_browser(host: str, url: str, method: str) -> None:
    answer = getattr(Client(headers={"host": host}), method)(url)

    if (url, method) == ("/server/authorize/", "post"):  # the chooser's form, without a token
        assert answer.status_code == 400
        return
    assert answer.status_code == 405
    assert "GET" in answer["Allow"]
    assert method == "head" or b"<h1>" in answer.content


def test_a_look_does_not_use_a_request_token_up() -> None:
    app, browser = Consumer.objects.get(), Client(headers={"host": "sso.test"})
    browser.force_login(person())
    token = question(app, challenge=challenge_of("v")).sign()

    assert browser.head("/server/authorize/", {"token": token}).status_code == 405
    assert browser.get("/server/authorize/", {"token": token}).status_code == 302


@pytest.mark.parametrize("url", ["/server/authorize/", "/sso/authenticate/", "/sso/", "/in/"])
def test_another_host_is_a_bad_request(url: str) -> None:
    answer = Client(raise_request_exception=False, headers={"host": "evil.test"}).get(url)

    assert answer.status_code in (302, 400)  # CommonMiddleware looks at the host: 400
    assert answer.status_code == 400
