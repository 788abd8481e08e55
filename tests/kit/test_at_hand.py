"""What a proxy calls a request is in all that is told of it, on both sides of the back channel."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from contextvars import Context
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import include, path
from pytest_django import Settings
from simple_sso.sso_server.models import Consumer

from sso_kit import events
from sso_kit.at_hand import REQUEST_ID, because_of, id_of, request, request_id, serving
from sso_kit.back_channel.channel import Answer, BackChannel, Line
from sso_kit.client.decorators import login_required
from sso_kit.events import Step, step_taken
from sso_kit.messages import REFUSAL_HEADER
from sso_kit.server import telling
from sso_kit.server.models import Ending
from tests.kit import urls, urls_loopback
from tests.kit.clock import Clock
from tests.kit.consumers import person, register
from tests.kit.journeys import APP, Browser, InProcess
from tests.kit.log_outs import Wire, call
from tests.kit.logged import as_json
from tests.kit.odd_server import OddServer, odd_server, says
from tests.kit.projects import Asgi, client_of, greet, use

AT_APP, AT_SERVER = "4b1c9f0e2d7a4c55", "the-servers_own.name-1"
HANDSHAKE = [
    (Step.BEGUN, AT_APP),
    (Step.REQUEST_TOKEN_ISSUED, AT_APP),
    (Step.ANSWERED, AT_APP),
    (Step.ACCESS_TOKEN_ISSUED, AT_SERVER),
    (Step.PERSON_VERIFIED, AT_APP),
    (Step.ANSWERED, AT_APP),
    (Step.SERVER_KNOWN, AT_APP),
    (Step.ACCOUNT_MADE, AT_APP),
    (Step.SIGNED_IN, AT_APP),
]
ODD = {
    "none": "",
    "too short": "seven-7",
    "too long": "x" * 65,
    "two words": "two words",
    "a line break after it": "12345678\n",
    "a line of its own": "12345678\nforged=1",
    "other letters": "prénom-12345",
    "other digits": "\u0661" * 8,
    "a NUL": "12345678\x00",
    "markup": "<b>12345678</b>",
    "of JSON": '{"a": "12345678"}',
    "a list": "12345678, 87654321",
}
FIT = {"the shortest": "8-_.aZ09", "the longest": "x" * 64, "nginx's": AT_APP}
Told = list[tuple[Step, str | None]]


@pytest.fixture
def told() -> Iterator[Told]:
    """All steps that are taken, and what the request is called that they are taken in."""
    heard: Told = []

    def hear(step: Step, facts: dict[str, Any], **_: object) -> None:
        heard.append((step, facts.get("request_id")))

    step_taken.connect(hear)
    yield heard
    step_taken.disconnect(hear)


class Elsewhere(InProcess):
    """Asks as over the network, in a process that knows nothing of this one; keeps the headers."""

    def __init__(self) -> None:
        super().__init__(urls.PUBLIC_KEY)
        self.sent: list[dict[str, str]] = []

    def _send(self, path: str, body: str, *_: Any) -> Answer:
        self.sent.append(self._headers())
        return Context().run(self._ask, path, body, self._headers())

    def _ask(self, path: str, body: str, headers: dict[str, str]) -> Answer:
        answer = Client().post(
            self.mount + path,
            body,
            content_type="application/json",
            headers={"host": "sso.test", **headers},
        )
        code = answer.headers.get(REFUSAL_HEADER, "")
        return Answer(answer.status_code, answer.content.decode(), code)


@pytest.fixture
def channel(app: Consumer, monkeypatch: pytest.MonkeyPatch) -> Elsewhere:
    channel = Elsewhere()
    monkeypatch.setattr(urls.client, "back_channel", channel)
    return channel


@pytest.fixture
def named(alices: Browser) -> Browser:
    """Alice's browser, with a proxy before each site that names the requests."""
    name_all(alices, "app.test", AT_APP)
    name_all(alices, "sso.test", AT_SERVER)
    return alices


def name_all(browser: Browser, host: str, name: str) -> None:
    browser.at(host).defaults["HTTP_X_REQUEST_ID"] = name


def called(name: str | None = AT_APP) -> HttpRequest:
    """A request that a proxy has given a name, or none."""
    asked = RequestFactory().get("/")
    if name is not None:
        asked.META["HTTP_X_REQUEST_ID"] = name
    return asked


def names_in(raw: bytes) -> list[str]:
    """Of an HTTP request, as it came in."""
    head = raw.partition(b"\r\n\r\n")[0].decode()
    return re.findall(rf"^{REQUEST_ID}: (.*?)\r?$", head, re.MULTILINE | re.IGNORECASE)


# --- what is at hand ---


def test_outside_of_a_request_nothing_is_known(told: Told, db: None) -> None:
    events.tell(Step.SIGNED_IN, user="alice")

    assert request() is None
    assert request_id() == ""
    assert told == [(Step.SIGNED_IN, None)]


def test_in_a_request_it_is_and_not_any_more_afterwards() -> None:
    mine = called()

    with serving(mine):
        assert request() is mine
        assert request_id() == AT_APP

    assert request() is None
    assert request_id() == ""


def test_an_error_in_it_leaves_nothing_behind() -> None:
    with pytest.raises(ValueError, match="in the view"), serving(called()), because_of("act-12345"):
        raise ValueError("in the view")

    assert request() is None
    assert request_id() == ""


def test_a_request_in_a_request_comes_back_to_the_outer_one() -> None:
    outer, inner = called(AT_APP), called(AT_SERVER)

    with serving(outer):
        with serving(inner):
            assert (request(), request_id()) == (inner, AT_SERVER)
        assert (request(), request_id()) == (outer, AT_APP)
        with serving(called(None)):
            assert request_id() == ""
        assert (request(), request_id()) == (outer, AT_APP)


def test_what_is_done_for_something_is_called_as_that_is() -> None:
    with serving(called()):
        with because_of("act-12345"):
            assert request_id() == "act-12345"
            with because_of("act-67890"):
                assert request_id() == "act-67890"
            assert request_id() == "act-12345"
        assert request_id() == AT_APP


def test_another_thread_works_on_something_else() -> None:
    known = []
    with serving(called()):
        thread = threading.Thread(target=lambda: known.append((request(), request_id())))
        thread.start()
        thread.join()

    assert known == [(None, "")]


def test_two_requests_at_once_in_one_loop_do_not_mix() -> None:
    async def work(name: str, mine: asyncio.Event, others: asyncio.Event) -> str:
        with serving(called(name)):
            mine.set()
            await others.wait()
            return request_id()

    async def both() -> list[str]:
        one, other = asyncio.Event(), asyncio.Event()
        return list(await asyncio.gather(work(AT_APP, one, other), work(AT_SERVER, other, one)))

    assert asyncio.run(both()) == [AT_APP, AT_SERVER]


@pytest.mark.parametrize("name", FIT.values(), ids=FIT)
def test_letters_digits_and_three_signs_are_a_name(name: str) -> None:
    assert id_of(called(name)) == name


@pytest.mark.parametrize("name", [None, *ODD.values()], ids=["not sent", *ODD])
def test_an_odd_name_counts_as_none(name: str | None, told: Told, db: None) -> None:
    with serving(called(name)):
        events.tell(Step.SIGNED_IN, user="alice")

    assert id_of(called(name)) == ""
    assert told == [(Step.SIGNED_IN, None)]


# --- in what is told ---


def test_it_is_in_every_step_of_a_hand_shake_on_both_sides(
    named: Browser, channel: Elsewhere, told: Told
) -> None:
    """The server has two: of the browser's request, and of the app's that asks it."""
    assert named.get(f"{APP}/in/").status_code == 200

    assert told == HANDSHAKE


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_an_odd_one_is_nowhere_and_is_no_hindrance(
    named: Browser, channel: Elsewhere, told: Told, name: str
) -> None:
    name_all(named, "app.test", name)
    name_all(named, "sso.test", name)

    assert named.get(f"{APP}/in/").content.decode() == "only for sso.alice"

    assert [step for step, _ in told] == [step for step, _ in HANDSHAKE]
    assert {known for _, known in told} == {None}
    assert not any(REQUEST_ID in sent for sent in channel.sent)


def test_it_is_a_field_of_every_line_of_the_log(
    named: Browser, channel: Elsewhere, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "sso_kit")

    named.get(f"{APP}/in/")

    lines = [as_json(record) for record in caplog.records if record.name.startswith("sso_kit.")]
    assert [line["request_id"] for line in lines] == [name for _, name in HANDSHAKE]


def test_it_is_in_a_refusal_of_either_side(named: Browser, channel: Elsewhere, told: Told) -> None:
    named.get(f"{APP}/sso/authenticate/?state=damaged&access_token=damaged")
    named.get("http://sso.test/server/authorize/?token=damaged")
    Consumer.objects.update(private_key="another-private-key-" * 3)
    named.get(f"{APP}/in/")

    assert told == [
        (Step.REFUSED, AT_APP),
        (Step.AUTHORIZE_REFUSED, AT_SERVER),
        (Step.BEGUN, AT_APP),
        (Step.QUESTION_REFUSED, AT_APP),
        (Step.ANSWER_REFUSED, AT_APP),
        (Step.REFUSED, AT_APP),
    ]


def test_what_is_asked_about_a_session_has_the_name_of_the_page(
    named: Browser, channel: Elsewhere, clock: Clock, told: Told
) -> None:
    named.get(f"{APP}/in/")
    clock.advance(61)
    told.clear()
    name_all(named, "app.test", "a-later-page")

    named.get(f"{APP}/in/")

    assert told == [(Step.SESSION_CHECKED, "a-later-page"), (Step.ANSWERED, "a-later-page")]


def test_under_asgi_it_is_known_too(
    named: Browser, app: Consumer, settings: Settings, told: Told
) -> None:
    browser = Asgi()
    browser.sent["x-request-id"] = AT_APP
    named.jars["app.test"] = browser  # type: ignore[assignment]  # has what is used of it
    client = client_of()
    client.back_channel = Elsewhere()
    pages = path("in/", login_required(greet))
    use(settings, path("sso/", include(client.get_urls())), pages)

    assert named.get(f"{APP}/in/").content.decode() == "hello sso.alice"

    assert told == HANDSHAKE


@pytest.fixture
def without_ours(settings: Settings) -> None:
    """Django's own middleware of sessions, which knows of no request at hand."""
    django = "django.contrib.sessions.middleware.SessionMiddleware"
    settings.MIDDLEWARE = [django, *settings.MIDDLEWARE[1:]]


@pytest.mark.usefixtures("without_ours")
def test_with_djangos_own_session_middleware_the_back_channel_knows_it(
    named: Browser, channel: Elsewhere, told: Told
) -> None:
    named.get(f"{APP}/in/")

    back_channel = (Step.REQUEST_TOKEN_ISSUED, Step.PERSON_VERIFIED, Step.ANSWERED)
    assert {name for step, name in told if step in back_channel} == {AT_APP}
    assert told[-1] == (Step.SIGNED_IN, AT_APP)


@pytest.mark.usefixtures("without_ours")
def test_with_djangos_own_session_middleware_every_step_knows_it(
    named: Browser, channel: Elsewhere, told: Told
) -> None:
    named.get(f"{APP}/in/")

    assert told == HANDSHAKE


# --- sent along ---


def test_the_server_is_sent_what_the_apps_request_is_called(
    named: Browser, channel: Elsewhere
) -> None:
    named.get(f"{APP}/in/")

    assert [sent[REQUEST_ID] for sent in channel.sent] == [AT_APP, AT_APP]


@pytest.fixture
def server() -> Iterator[OddServer]:
    with odd_server(says("200 OK", b"answer")) as server:
        yield server


def test_it_is_a_header_of_a_question_over_http(server: OddServer) -> None:
    channel = BackChannel(server.url, "public")
    with serving(called(AT_APP)):
        channel.post("verify/", "question")
    with serving(called(AT_SERVER)):
        channel.post("verify/", "question")

    assert [names_in(asked) for asked in server.requests] == [[AT_APP], [AT_SERVER]]
    assert server.connections == 1


@pytest.mark.parametrize("name", [None, *ODD.values()], ids=["not sent", *ODD])
def test_what_is_no_name_is_not_sent(server: OddServer, name: str | None) -> None:
    channel = BackChannel(server.url, "public")
    with serving(called(AT_APP)):
        channel.post("verify/", "question")
    with serving(called(name)):
        channel.post("verify/", "question")
    channel.post("verify/", "question")

    assert [names_in(asked) for asked in server.requests] == [[AT_APP], [], []]
    assert b"forged" not in b"".join(server.requests)


@pytest.mark.django_db
@pytest.mark.urls("tests.kit.urls_loopback")
def test_a_project_that_asks_itself_hands_it_on(
    told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(*_: Any) -> None:
        raise AssertionError("a request to itself")

    monkeypatch.setattr(urls_loopback.client.back_channel, "post", call)
    register(origins=["http://sso.test"])
    alices = Browser()
    alices.sign_in_at_the_server(person("alice"))
    name_all(alices, "sso.test", AT_APP)
    told.clear()

    assert alices.get("http://sso.test/sso/?next=/in/").content.decode() == "only for alice"

    ours = [step for step, _ in HANDSHAKE if step not in (Step.SERVER_KNOWN, Step.ACCOUNT_MADE)]
    assert told == [(step, AT_APP) for step in ours]


@pytest.mark.django_db
@pytest.mark.urls("tests.kit.urls_loopback")
@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_nor_does_it_hand_on_what_is_no_name(told: Told, name: str) -> None:
    register(origins=["http://sso.test"])
    alices = Browser()
    alices.sign_in_at_the_server(person("alice"))
    name_all(alices, "sso.test", name)
    told.clear()

    assert alices.get("http://sso.test/sso/?next=/in/").content.decode() == "only for alice"

    assert {known for _, known in told} == {None}


# --- and with the server's word of an end ---


@pytest.fixture
def inside(alice: User, app: Consumer, back_channel: InProcess) -> Browser:
    """Alice's browser; she is signed in at both, and a proxy names what she does at the server."""
    browser = Browser()
    browser.at("sso.test").login(username="alice", password="password")
    assert browser.get(f"{APP}/in/").status_code == 200
    name_all(browser, "sso.test", AT_SERVER)
    return browser


@pytest.mark.django_db(transaction=True)
def test_a_log_out_call_is_called_as_its_act_is(
    inside: Browser, server: OddServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One act may be told to many apps, now and later: so it isn't the request that has a name."""
    monkeypatch.setattr(telling, "_offices", {})
    ways = {urls.PUBLIC_KEY: server.url.removesuffix("sso/")}
    settings.SSO_KIT = {"APP_BACK_CHANNELS": ways, "TELL_AGAIN": False}

    inside.at("sso.test").logout_by_form()

    batch = Ending.objects.get().batch
    assert [names_in(asked) for asked in server.requests] == [[batch]]
    assert batch not in ("", AT_SERVER)


@pytest.mark.django_db(transaction=True)
def test_the_app_knows_the_act_by_that_name_and_the_server_both(
    inside: Browser, wire: Wire, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_the_calls(wire, monkeypatch)

    inside.at("sso.test").logout_by_form()

    batch = Ending.objects.get().batch
    assert told == [
        (Step.LOGGED_OUT, AT_SERVER),
        (Step.SIGN_IN_ENDED, AT_SERVER),
        (Step.TOLD_OF_END, batch),
        (Step.APP_TOLD, AT_SERVER),
    ]


@pytest.mark.django_db(transaction=True)
def test_told_again_it_is_the_same_act(
    inside: Browser, wire: Wire, told: Told, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.trouble = "down"
    inside.at("sso.test").logout_by_form()
    wire.mend()
    name_the_calls(wire, monkeypatch)
    clock.advance(10)
    told.clear()

    telling.tell_due()

    assert told == [(Step.TOLD_OF_END, Ending.objects.get().batch), (Step.APP_TOLD, None)]


def name_the_calls(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the app, as over the network: the header is all that it knows."""

    def exchange(line: Line, path: str, body: str, seconds: float) -> Answer:
        sent = line._headers()
        sent.pop("Content-Type")
        key = sent.pop("x-services-public-key")
        return Context().run(lambda: call(path, body, key, **sent))

    monkeypatch.setattr(wire, "exchange", exchange)


# --- and decides nothing ---


@pytest.mark.django_db
def test_two_requests_of_one_name_are_two(named: Browser, channel: Elsewhere, told: Told) -> None:
    for _ in range(2):
        assert named.get(f"{APP}/in/").status_code == 200
        named.at("app.test").logout_here()

    assert [step for step, _ in told].count(Step.SIGNED_IN) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*FIT.values(), *ODD.values()], ids=[*FIT, *ODD])
def test_a_question_is_answered_whatever_it_is_called(
    alices: Browser, app: Consumer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    class Odd(Elsewhere):
        def _headers(self) -> dict[str, str]:
            return {**super()._headers(), REQUEST_ID: name}

    monkeypatch.setattr(urls.client, "back_channel", Odd())

    assert alices.get(f"{APP}/in/").content.decode() == "only for sso.alice"
