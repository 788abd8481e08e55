"""What goes wrong when a team adopts the kit, and what the two logs say to do about it.

Pages of people have none of it: there the cause is enough.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from itsdangerous import SignatureExpired, TimedSerializer
from pytest_django import Settings
from simple_sso.sso_server import server as stock
from simple_sso.sso_server.models import Consumer

from sso_kit import commands
from sso_kit.back_channel.channel import Answer, BackChannel
from sso_kit.messages import HARDENED, STOCK, Purpose
from tests.kit import urls
from tests.kit.clock import Clock
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.logged import as_json, lines
from tests.kit.odd_server import odd_server, says

pytestmark = pytest.mark.django_db
Break = Callable[[pytest.MonkeyPatch, InProcess, Clock], None]
APPS_SIDE = ("sso_consumer", "--legacy", "legacy_server", "NTP", "Client(")


def another_private_key(patch: pytest.MonkeyPatch, channel: InProcess, clock: Clock) -> None:
    Consumer.objects.update(private_key="another-private-key-" * 3)


def another_public_key(patch: pytest.MonkeyPatch, channel: InProcess, clock: Clock) -> None:
    patch.setattr(channel, "public_key", "mistyped\n-public-key")


def clocks_apart(patch: pytest.MonkeyPatch, channel: InProcess, clock: Clock) -> None:
    send = channel._send

    def late(*arguments: Any) -> Answer:
        clock.advance(45)
        return send(*arguments)

    patch.setattr(channel, "_send", late)


def legacy_app_at_a_migrated_server(
    patch: pytest.MonkeyPatch, channel: InProcess, clock: Clock
) -> None:
    patch.setattr(urls.client.consumer, "dialect", STOCK)


BROKEN: dict[str, tuple[Break, str, str]] = {
    "another private key": (
        another_private_key,
        "WARNING back channel refused: The message's signature doesn't fit. Remedy: app signs with "
        "another private key than it has here. Give it this one: python manage.py sso_consumer app "
        "--write-key FILE (path=/server/request-token/, code=signature)",
        "This app's private key isn't the one that the server has for it.",
    ),
    "another public key": (
        another_public_key,
        "WARNING back channel refused: No consumer has this public key. Remedy: It begins with "
        "'mistyped'. Look at public_key in the app's Client(...). "
        "(path=/server/request-token/, code=public-key)",
        "Look at the public key that Client(...) is given",
    ),
    "clocks apart": (
        clocks_apart,
        "WARNING back channel refused: The message is 45 s away from this clock; 30 s is the most. "
        "Remedy: Compare the clocks of app and server; both should be set by NTP. "
        "(path=/server/request-token/, code=clock)",
        "Compare the clocks of app and server; both should be set by NTP.",
    ),
    "stock's format": (
        legacy_app_at_a_migrated_server,
        "WARNING back channel refused: The message's signature doesn't fit: it is in "
        "django-simple-sso's own format. Remedy: Let app import its Client from sso_kit.client, "
        "without legacy_server=True. Meanwhile, and weaker: python manage.py sso_consumer app "
        "--legacy (path=/server/request-token/, code=format)",
        "take legacy_server=True out of Client(...)",
    ),
}


@pytest.mark.parametrize("mistake", BROKEN)
def test_both_logs_say_what_to_do(
    app: Consumer,
    back_channel: InProcess,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    mistake: str,
) -> None:
    make, at_the_server, at_the_app = BROKEN[mistake]
    make(monkeypatch, back_channel, clock)

    page = Browser().get(f"{APP}/in/")

    assert page.status_code == 400
    (refused,) = lines(caplog, "server")
    assert re.sub(r"4[5-9] s", "45 s", refused) == at_the_server  # the machine may be busy
    asked, ended = lines(caplog, "client")
    assert asked.startswith("ERROR back channel refused: ")
    assert ended.startswith("WARNING hand-shake refused: ")
    assert at_the_app in asked
    assert at_the_app in ended
    assert not [word for word in APPS_SIDE if word in page.content.decode()]


def test_the_remedy_is_a_field_of_a_structured_log(
    app: Consumer, back_channel: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    Consumer.objects.update(private_key="another-private-key-" * 3)
    Browser().get(f"{APP}/in/")

    ours = [each for each in caplog.records if each.name.startswith("sso_kit")]
    at_the_server, *at_the_app = map(as_json, ours)

    assert at_the_server["event"] == "back channel refused"
    assert at_the_server["reason"] == "The message's signature doesn't fit."
    assert "--write-key FILE" in at_the_server["remedy"]
    assert ["private key" in line["remedy"] for line in at_the_app] == [True, True]


def test_an_answer_tells_neither_who_the_app_is_nor_how_to_mend_it(app: Consumer) -> None:
    """Anybody can ask with a public key, which is no secret."""
    Consumer.objects.update(name="the-payroll", private_key="another-private-key-" * 3)

    body, _ = HARDENED.write_ask(urls.PRIVATE_KEY, Purpose.REQUEST_TOKEN_ASK, {})
    answer = InProcess(urls.PUBLIC_KEY)._send("request-token/", body)

    assert answer.status == 400
    assert "payroll" not in answer.text
    assert "sso_consumer" not in answer.text


# --- one side is still stock ---


def asked_as_stock_does(payload: object) -> Answer:
    body = str(TimedSerializer(urls.PRIVATE_KEY).dumps(payload))
    return InProcess(urls.PUBLIC_KEY)._send("request-token/", body)


@pytest.mark.parametrize("minutes_late", [0, 5])
def test_a_stock_client_is_recognised_and_refused_all_the_same(
    app: Consumer, clock: Clock, caplog: pytest.LogCaptureFixture, minutes_late: int
) -> None:
    body = str(TimedSerializer(urls.PRIVATE_KEY).dumps({"redirect_to": f"{APP}/sso/authenticate/"}))
    clock.advance(60 * minutes_late)

    answer = InProcess(urls.PUBLIC_KEY)._send("request-token/", body)

    assert (answer.status, answer.code) == (400, "format")
    (line,) = lines(caplog, "server")
    assert "Let app import its Client from sso_kit.client" in line
    assert commands.to_run("sso_consumer", "app", "--legacy") in line


def test_a_stock_client_with_another_key_is_not_told_to_be_marked(
    app: Consumer, caplog: pytest.LogCaptureFixture
) -> None:
    Consumer.objects.update(private_key="another-private-key-" * 3)

    asked_as_stock_does({"redirect_to": f"{APP}/sso/authenticate/"})

    (line,) = lines(caplog, "server")
    assert "--legacy" not in line
    assert "--write-key FILE" in line


class StockServer(BackChannel):
    """Asks stock's own provider, which is the server's end of stock 1.3.0."""

    def _send(self, path: str, body: str, *_: Any) -> Answer:
        provider = stock.RequestTokenProvider(server=None)
        headers = {"x-services-public-key": self.public_key}
        status, text = provider.get_response("POST", body, headers.get)
        return Answer(status, text)


@pytest.fixture
def at_stock(monkeypatch: pytest.MonkeyPatch) -> StockServer:
    channel = StockServer("http://sso.test/server/", urls.PUBLIC_KEY)
    monkeypatch.setattr(urls.client, "back_channel", channel)
    return channel


def legacy_server(monkeypatch: pytest.MonkeyPatch, channel: StockServer) -> None:
    monkeypatch.setattr(channel, "legacy", True)
    monkeypatch.setattr(urls.client.consumer, "dialect", STOCK)


def remedies_at_the_app(caplog: pytest.LogCaptureFixture) -> set[str]:
    """What both its lines say: that a question was refused, and the hand-shake with it."""
    found = [as_json(each) for each in caplog.records if each.name == "sso_kit.client"]
    assert [line["event"] for line in found] == ["back channel refused", "hand-shake refused"]
    return {line["remedy"] for line in found}


def test_at_a_stock_server_the_apps_log_says_so_and_the_two_ways(
    app: Consumer, at_stock: StockServer, caplog: pytest.LogCaptureFixture
) -> None:
    Browser().get(f"{APP}/in/")

    (remedy,) = remedies_at_the_app(caplog)
    assert "speaks django-simple-sso's own format: migrate it" in remedy
    assert "Client(..., legacy_server=True) meanwhile" in remedy


def test_once_that_is_said_it_is_the_private_key(
    app: Consumer,
    at_stock: StockServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    legacy_server(monkeypatch, at_stock)
    Consumer.objects.update(private_key="another-private-key-" * 3)

    Browser().get(f"{APP}/in/")

    (remedy,) = remedies_at_the_app(caplog)
    assert "private key isn't the one" in remedy


def test_a_stock_server_that_does_not_know_the_app(
    app: Consumer, at_stock: StockServer, caplog: pytest.LogCaptureFixture
) -> None:
    at_stock.public_key = "mistyped"

    Browser().get(f"{APP}/in/")

    (remedy,) = remedies_at_the_app(caplog)
    assert "Look at the public key" in remedy


def test_a_stock_server_with_another_clock_or_another_itsdangerous(
    app: Consumer,
    at_stock: StockServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def expired(*_: object, **__: object) -> None:
        raise SignatureExpired("Signature age 473385600 > 5 seconds")

    legacy_server(monkeypatch, at_stock)
    monkeypatch.setattr("simple_sso.utils.TimedSerializer.loads", expired)

    Browser().get(f"{APP}/in/")

    (remedy,) = remedies_at_the_app(caplog)
    assert "set by NTP" in remedy
    assert "itsdangerous counts a signature's time from another year" in remedy


def test_a_stock_server_that_fails_inside(
    app: Consumer,
    at_stock: StockServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    legacy_server(monkeypatch, at_stock)
    monkeypatch.setattr(stock.RequestTokenProvider, "provide", None)

    Browser().get(f"{APP}/in/")

    (remedy,) = remedies_at_the_app(caplog)
    assert "stock keeps it to itself" in remedy


# --- something else answers, or nobody does ---


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        ("404 Not Found", b"<html>", "No identity server answers at http://127.0.0.1:"),
        ("400 Bad Request", b"<h1>Bad Request (400)</h1>", "ALLOWED_HOSTS of the server"),
        ("403 Forbidden", b"<h1>CSRF</h1>", "look at server_url and back_channel_url"),
        ("301 Moved Permanently", b"", "let Client(...) have the final address"),
    ],
)
def test_what_is_no_identity_server_is_named_with_its_address(
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    status: str,
    body: bytes,
    remedy: str,
) -> None:
    with odd_server(says(status, body)) as server:
        channel = BackChannel(server.url, urls.PUBLIC_KEY)
        monkeypatch.setattr(urls.client, "back_channel", channel)
        Browser().get(f"{APP}/in/")

        assert f"{server.url}request-token/" in lines(caplog, "client")[0]
    assert remedy in lines(caplog, "client")[0]


def test_what_answers_with_a_page_is_named(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with odd_server(says("200 OK", b"<html>Welcome!</html>")) as server:
        channel = BackChannel(server.url, urls.PUBLIC_KEY)
        monkeypatch.setattr(urls.client, "back_channel", channel)
        Browser().get(f"{APP}/in/")

    assert "Something else answers at server_url" in lines(caplog, "client")[0]


def test_a_server_that_is_down_is_named_with_its_address(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with odd_server(says("200 OK", b"")) as gone:
        url = gone.url
    monkeypatch.setattr(urls.client, "back_channel", BackChannel(url, urls.PUBLIC_KEY))

    page = Browser().get(f"{APP}/in/")

    assert page.status_code == 503
    said = lines(caplog, "client")[0]
    assert "Connection refused" in said
    assert f"does this machine reach {url}?" in said
    assert url not in page.content.decode()


# --- the app doesn't know its own address ---


@pytest.fixture
def no_base_url(
    app: Consumer, back_channel: InProcess, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.DEBUG = False
    monkeypatch.setattr(urls.client, "base_url", None)


@pytest.mark.usefixtures("no_base_url")
@pytest.mark.parametrize("path", ["/in/", "/sso/?next=/in/"])
def test_a_missing_base_url_is_a_page_and_a_line_to_write(
    path: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = Browser().get(f"{APP}{path}")

    assert page.status_code == 503
    assert "Whoever runs it finds the remedy in its log." in page.content.decode()
    assert "base_url" not in page.content.decode()
    (line,) = lines(caplog, "client")
    assert line.startswith("ERROR hand-shake refused: This app doesn't know its own address. ")
    assert 'Client(..., base_url="https://this.site")' in line
    assert 'SSO_KIT = {"BASE_URL": "https://this.site"}' in line


@pytest.mark.usefixtures("no_base_url")
def test_a_page_that_only_asks_in_passing_is_shown_and_the_line_is_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    page = Browser().get(f"{APP}/hello/")

    assert page.content.decode() == "front page of nobody"
    assert [line["code"] for line in map(as_json, caplog.records)] == ["not-configured"]


def test_in_passing_a_server_that_refuses_is_told_once(
    app: Consumer, back_channel: InProcess, caplog: pytest.LogCaptureFixture
) -> None:
    Consumer.objects.update(private_key="another-private-key-" * 3)
    caplog.set_level(logging.WARNING)

    page = Browser().get(f"{APP}/hello/")

    assert page.content.decode() == "front page of nobody"
    (line,) = lines(caplog, "client")
    assert "private key isn't the one" in line
