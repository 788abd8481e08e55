"""Threats: access tokens sent to a stranger, by a crooked ``redirect_to`` or Host header.

Source: RFC 9700, 4.1 (exact matching of redirect URIs) and RFC 6454 (origins); for the
Host header RFC 9112, 3.2.2, and CWE-644.

What would make this lie: a refusal for a reason other than the origin. Hence the
registered address passes in the same words, and everything passes where the defence is off.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from tests.attacks import by_hand
from tests.attacks.acts import ask_for_request_token
from tests.attacks.pairs import Pair, Site

Saw = Callable[[str], None]
PATH = "/sso/authenticate/"

# {host} and {port} are those of the registered origin, http://{host}:{port}
STRANGERS = [
    "http://evil.example" + PATH,
    "https://{host}:{port}" + PATH,
    "http://{host}" + PATH,
    "http://{host}:1" + PATH,
    "http://{host}:{port}0" + PATH,
    "http://{host}:{port}@evil.example" + PATH,
    "http://user@{host}:{port}" + PATH,
    "http://user:word@{host}:{port}" + PATH,
    "http://{host}:{port}.evil.example" + PATH,
    "http://{host}.evil.example:{port}" + PATH,
    "http://evil.{host}:{port}" + PATH,
    "http://evil-{host}:{port}" + PATH,
    "http://evil.example#@{host}:{port}" + PATH,
    "http://evil.example?@{host}:{port}" + PATH,
    "http://evil.example\\@{host}:{port}" + PATH,
    "http://{host}:{port}\\.evil.example" + PATH,
    "http://evil.example\t.{host}:{port}" + PATH,
    "http://{host}%2eevil.example:{port}" + PATH,
    "http://{host}%00.evil.example:{port}" + PATH,
    "http://{host}\u3002evil.example:{port}" + PATH,
    "http://[::1]:{port}" + PATH,
    "http://127.0.0.1:{port}" + PATH,
    "http://{host}.:{port}" + PATH,
    "//{host}:{port}" + PATH,
    "//evil.example" + PATH,
    "http:evil.example",
    "javascript:alert(1)//{host}:{port}",
    "data:text/html,{host}:{port}",
    "ftp://{host}:{port}" + PATH,
    PATH,
    "",
]


def at_other(pair: Pair, pattern: str) -> str:
    parts = urlsplit(pair.url_of("other"))
    return pattern.replace("{host}", str(parts.hostname)).replace("{port}", str(parts.port))


@pytest.mark.threat("token-to-a-stranger")
@pytest.mark.parametrize("pattern", STRANGERS)
def test_no_token_for_an_address_outside_the_registered_origin(kit: Pair, pattern: str) -> None:
    answer = ask_for_request_token(kit, at_other(kit, pattern))

    assert answer.status == 400
    assert "redirect_to" in answer.text or "is not registered for other" in answer.text


@pytest.mark.threat("token-to-a-stranger")
@pytest.mark.parametrize("value", [None, 1, ["http://evil.example"], "x" * 5000])
def test_no_token_for_what_is_no_address(kit: Pair, value: object) -> None:
    assert ask_for_request_token(kit, value).status == 400


def test_the_registered_origin_gets_its_token(kit: Pair, saw: Saw) -> None:
    assert ask_for_request_token(kit, kit.url_of("other") + PATH).status == 200


@pytest.mark.threat("token-to-a-stranger")
def test_another_apps_origin_is_a_stranger_too(kit: Pair, saw: Saw) -> None:
    assert ask_for_request_token(kit, kit.client.url + PATH).status == 400
    saw(f"{len(STRANGERS)} strangers and another app's origin are refused")


@pytest.mark.control("token-to-a-stranger", "registered-origin off")
def test_strangers_get_tokens_with_registered_origin_off(kit: Pair, saw: Saw) -> None:
    with kit.without("registered-origin"):
        assert ask_for_request_token(kit, "http://evil.example" + PATH).status == 200
    saw("a token for evil.example")


@pytest.mark.control("token-to-a-stranger", "stock")
def test_strangers_get_tokens_on_stock(stock: Pair, saw: Saw) -> None:
    statuses = [
        ask_for_request_token(stock, at_other(stock, pattern)).status for pattern in STRANGERS
    ]

    saw(f"{statuses.count(200)} of {len(STRANGERS)} strangers get a token")
    assert statuses[0] == 200


FORGED_HEADERS = [
    "Host: evil.example",
    "Host: evil.example:80",
    "Host: app\r\nX-Forwarded-Host: evil.example",
    "Host: app\r\nX-Forwarded-Proto: https",
    "Host: app\r\nX-Forwarded-Port: 666",
    "Host: app\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Server: evil.example",
    'Host: app\r\nForwarded: host="evil.example";proto=https',
    "Host: app\r\nX-Original-URL: http://evil.example/\r\nX-Rewrite-URL: //evil.example/",
]
TARGETS = ["/sso/", "http://evil.example/sso/", "//evil.example/../sso/"]


def send_raw(site: Site, target: str, headers: str) -> bytes:
    request = f"GET {target} HTTP/1.1\r\n{headers}\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", site.role.port), 10) as connection:
        connection.sendall(request.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
        return answer


def asked_for(pair: Pair, target: str, headers: str) -> set[str]:
    """The origins for which a client asked tokens, when sent this."""
    before = len(pair.tap.seen)
    send_raw(pair.tapped, target, headers)
    questions = [by_hand.payload(exchange.question) for exchange in pair.tap.seen[before:]]
    return {origin(str(question["redirect_to"])) for question in questions}


def origin(url: str) -> str:
    return "{0.scheme}://{0.netloc}".format(urlsplit(url))


@pytest.mark.threat("host-header")
@pytest.mark.parametrize("headers", FORGED_HEADERS)
@pytest.mark.parametrize("target", TARGETS[:2])
def test_a_client_asks_for_its_own_address_whatever_it_is_sent(
    kit: Pair, headers: str, target: str, saw: Saw
) -> None:
    assert asked_for(kit, target, headers) == {kit.tapped.url}
    saw("the configured address, always")


@pytest.mark.threat("host-header")
def test_a_path_that_looks_like_a_host_is_not_found(kit: Pair) -> None:
    assert asked_for(kit, TARGETS[2], "Host: app") == set()
    assert b" 404 " in send_raw(kit.tapped, TARGETS[2], "Host: app")[:20]


@pytest.mark.control("host-header", "stock")
def test_stock_asks_for_whatever_the_host_header_says(stock: Pair, saw: Saw) -> None:
    assert asked_for(stock, "/sso/", "Host: evil.example") == {"http://evil.example"}
    saw("a token for evil.example, at a word in the Host header")
