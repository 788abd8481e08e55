"""A project in development is where its browser says that it is; the server decides who may."""

from __future__ import annotations

import logging

import pytest
from django.core.management import call_command
from django.urls import include, path
from pytest_django import Settings
from simple_sso.sso_client.client import Client as StockClient

from sso_kit.client.decorators import login_required
from tests.kit.consumers import policy_of, register
from tests.kit.journeys import Browser
from tests.kit.projects import client_of, greet, use

pytestmark = pytest.mark.django_db
HELLO = "hello sso.alice"
OWN = ["localhost:8001", "127.0.0.1:8001", "192.168.1.7:8001", "0.0.0.0:8001", "client1.test"]
LONG = f"client1.{'a-long-name-of-some-department.' * 3}app.com:8001"
STRANGE = ["client1.app.com", "client1.app.com:8001", "8.8.8.8:8001", LONG]


@pytest.fixture(autouse=True)
def development(settings: Settings) -> None:
    """A project as ``startproject`` and a tutorial make it: no base_url, no origins."""
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    client = client_of(base_url=None)
    use(settings, path("sso/", include(client.get_urls())), path("in/", login_required(greet)))
    register(origins=[])


@pytest.mark.parametrize("host", OWN)
def test_under_a_name_or_address_of_ones_own_it_works_as_it_is(alices: Browser, host: str) -> None:
    assert alices.get(f"http://{host}/in/?page=2").content.decode() == HELLO
    assert alices.visited[-1] == f"http://{host}/in/?page=2"


@pytest.mark.parametrize("host", STRANGE)
def test_under_another_it_takes_one_command_which_page_and_both_logs_name(
    alices: Browser, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    page = alices.get(f"http://{host}/in/").content.decode()

    port = "" if ":" in host else ":80"
    address = f"http://{host}{port}/sso/authenticate/"
    command = f"sso_consumer app --origin {address}"
    assert command in page
    for side in ("sso_kit.client", "sso_kit.server"):
        said = [vars(record)["reason"] for record in caplog.records if record.name == side]
        assert any(command in reason for reason in said)
    call_command(*command.split())
    assert alices.get(f"http://{host}/in/").content.decode() == HELLO


@pytest.mark.parametrize("host", ["127.0.0.1:8001", "client1.test"])
def test_once_an_origin_is_registered_no_other_will_do(alices: Browser, host: str) -> None:
    policy = policy_of(register(origins=[]))
    policy.origins = ["http://client1.app.com"]
    policy.save()

    assert alices.get(f"http://{host}/in/").status_code == 400


def test_a_host_that_the_project_does_not_let_in_stays_outside(
    alices: Browser, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALLOWED_HOSTS = ["sso.test", "app.test"]

    with caplog.at_level(logging.CRITICAL):
        assert alices.at("client1.test").get("/in/").status_code == 400


@pytest.mark.parametrize("host", OWN + STRANGE)
def test_outside_development_the_request_is_never_believed(
    alices: Browser, settings: Settings, host: str
) -> None:
    settings.DEBUG = False

    answer = alices.at(host)
    answer.raise_request_exception = False

    assert answer.get("/in/").status_code in (500, 503)


def test_stock_takes_any_host_at_any_time(
    alices: Browser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    settings.DEBUG = False
    stock = StockClient("http://sso.test/server/", "key", "key")
    asked: list[str] = []

    def ask(path: str, question: dict[str, str]) -> dict[str, str]:
        asked.append(question["redirect_to"])
        return {"request_token": "token"}

    monkeypatch.setattr(stock.consumer, "consume", ask)
    use(settings, path("sso/", include(stock.get_urls())))

    alices.at("evil.example").get("/sso/")

    assert asked == ["http://evil.example/sso/authenticate/?next=%2F"]
