"""Log-out calls without a network: the server's way to the app, which can be in trouble."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.test import Client, RequestFactory
from simple_sso.utils import PUBLIC_KEY_HEADER

from sso_kit.back_channel.channel import Answer, Line
from sso_kit.messages import REFUSAL_HEADER
from sso_kit.server import telling
from tests.kit import urls
from tests.kit.journeys import Browser

TROUBLE: dict[str, Callable[[], Answer]] = {
    "500": lambda: Answer(500, "oops"),
    "redirects": lambda: Answer(302, ""),
    "hangs": lambda: _fail(TimeoutError("the answer did not come in time")),
    "down": lambda: _fail(ConnectionRefusedError("refused")),
    "garbage": lambda: Answer(200, "hello"),
}


def _fail(error: Exception) -> Answer:
    raise error


@dataclass
class Wire:
    """From the server to the apps.

    Attributes:
        trouble: a name of ``TROUBLE`` while the app is in it.
        made: path and body of each call.
    """

    trouble: str = ""
    host_of: dict[str, str] = field(default_factory=dict)  # by public key; else app.test
    made: list[tuple[str, str]] = field(default_factory=list)

    def mend(self) -> None:
        """The app is well again, and has been for a while."""
        self.trouble = ""
        telling._offices.clear()

    def exchange(self, line: Line, path: str, body: str, seconds: float) -> Answer:
        self.made.append((path, body))
        if self.trouble:
            return TROUBLE[self.trouble]()
        return call(path, body, line.public_key, host=self.host_of.get(line.public_key, "app.test"))


def sign_in_once(browser: Browser, name: str, url: str) -> str:
    """Into the one app that asks, as a server's form does it; where the browser goes then."""
    parts = urlsplit(browser.walk_until(url, "/server/authorize/"))
    request = RequestFactory(headers={"host": "sso.test"}).get("/login/")
    request.session = browser.at("sso.test").session
    user = get_user_model()._default_manager.get_by_natural_key(name)
    answer: Any = urls.server.sign_in_once(request, user, f"{parts.path}?{parts.query}", ("pwd",))
    return str(answer["Location"])


def call(path: str, body: str, public_key: str, **headers: str) -> Answer:
    """Post a text to the app's own address."""
    answer: Any = Client(enforce_csrf_checks=True).post(
        f"/{path}",
        body,
        content_type="application/json",
        headers={"host": "app.test", PUBLIC_KEY_HEADER: public_key, **headers},
    )
    code = answer.headers.get(REFUSAL_HEADER, "")
    return Answer(answer.status_code, answer.content.decode(), code)


def lay(monkeypatch: pytest.MonkeyPatch) -> Wire:
    """Calls go by this wire, one after another, and nothing is remembered of earlier tests."""
    wire, ask_a_server = Wire(), Line.exchange

    def exchange(line: Line, path: str, body: str, seconds: float) -> Answer:
        if type(line) is not Line:
            return ask_a_server(line, path, body, seconds)
        return wire.exchange(line, path, body, seconds)

    def submit(made: telling.Call) -> Future[telling.Outcome]:
        future: Future[telling.Outcome] = Future()
        future.set_result(telling._make(made))
        return future

    monkeypatch.setattr(Line, "exchange", exchange)
    monkeypatch.setattr(telling, "_submit", submit)
    monkeypatch.setattr(telling, "_offices", {})
    return wire
