"""Real processes of both flavours, stock's with the itsdangerous that it pins as well."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.interop import stock
from tests.support.browser import Browser, Page
from tests.twin import running
from tests.twin.running import Twins

Start = Callable[..., Twins]


@pytest.fixture(params=["2.2", "0.24"], ids="itsdangerous-{}".format)
def stock_python(request: pytest.FixtureRequest) -> str:
    """The Python of a stock project: with the kit's itsdangerous, and with its own pin."""
    return stock.python(request.param)


@pytest.fixture(params=["2.2", "0.24"], ids="kit-on-{}".format)
def kit_python(request: pytest.FixtureRequest) -> str:
    """The kit's: plain pip installs stock's itsdangerous with it, an override a current one."""
    return stock.python(request.param)


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """A running pair, ``Twins(...)`` with a folder of its own; tests share pairs of a kind."""
    pairs: dict[str, Twins] = {}

    def pair(**options: Any) -> Twins:
        kind = repr(sorted(options.items()))
        if kind not in pairs:
            twins = Twins(tmp_path_factory.mktemp("pair"), **options)
            pairs[kind] = twins.__enter__()
        return pairs[kind]

    yield pair
    running.stop([role for twins in pairs.values() for role in twins.roles])


def sign_in(twins: Twins, name: str = "user1", browser: Browser | None = None) -> Page:
    """Open the client's closed page and fill in the form on the way, if there is one."""
    browser = browser or Browser()
    page = browser.get(f"{twins.client}/in/?page=2")
    if page.password_fields:
        page = browser.submit(page, {"username": name, "password": name})
    return page


def user_of(page: Page) -> str:
    assert page.status == 200, (page.status, page.url, page.body[-2000:])
    return str(json.loads(page.body)["user"])


def server_log(twins: Twins) -> str:
    return twins.server_role.log.read_text()


def client_log(twins: Twins) -> str:
    return twins.client_role.log.read_text()
