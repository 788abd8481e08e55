"""Async pages that need, or would like to have, somebody signed in; under WSGI and ASGI."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from pytest_django import Settings

from sso_kit.client.decorators import login_required, passive_login
from sso_kit.errors import ServerUnavailable
from tests.kit.journeys import APP, Browser, CookieClient
from tests.kit.projects import Asgi, client_of, greet, use

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]
HELLO = "hello sso.alice, from a loop"
PAGES = ("function", "class", "class-of-two", "decorated-class")


async def page(request: HttpRequest, **_: Any) -> HttpResponse:
    user = await request.auser()
    asyncio.get_running_loop()
    return HttpResponse(f"hello {user.get_username() or 'nobody'}, from a loop")


class Page(View):
    async def get(self, request: HttpRequest) -> HttpResponse:
        return await page(request)

    async def post(self, request: HttpRequest) -> HttpResponse:
        return await page(request)


def marked(view: Any) -> Any:
    """Some decorator of the project's own, which knows of no coroutines."""

    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return view(*args, **kwargs)

    wrapper.__wrapped__ = view  # type: ignore[attr-defined]  # as functools.wraps leaves it
    return wrapper


class Sync(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return greet(request)


def pages(decorator: Any) -> list[Any]:
    def of_class(*decorators: Any, of: Any = Page) -> Any:
        own: Any = type("Own", (of,), {})
        return method_decorator(decorators, name="dispatch")(own).as_view()

    return [
        path("function/", decorator(page)),
        path("class/", of_class(decorator)),
        path("class-of-two/", of_class(decorator, marked)),
        path("decorated-class/", decorator(Page.as_view())),
        path("sync/", of_class(decorator, of=Sync)),
    ]


@pytest.fixture(params=[CookieClient, Asgi])
def alices(request: pytest.FixtureRequest, alices: Browser) -> Browser:
    """Her browser, with the app under WSGI or ASGI."""
    if request.param is Asgi:
        alices.jars["app.test"] = Asgi()  # type: ignore[assignment]  # has what is used of it
    return alices


@pytest.fixture
def client(settings: Settings) -> Any:
    client = client_of()
    sso = path("sso/", include(client.get_urls()))
    needs = path("needs/", include(pages(login_required)))
    use(settings, sso, needs, path("asks/", include(pages(passive_login))))
    return client


@pytest.mark.parametrize("decorator", ["needs", "asks"])
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("client")
def test_who_is_signed_in_there_is_signed_in_here(
    alices: Browser, decorator: str, name: str
) -> None:
    url = f"{APP}/{decorator}/{name}/?page=2&q=a%20b"

    assert alices.get(url).content.decode() == HELLO
    assert alices.visited[-1] == url
    assert alices.get(url, follow=False).content.decode() == HELLO


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("client")
def test_others_get_the_log_in_form_or_the_page_as_guests(alices: Browser, name: str) -> None:
    alices.jars.pop("sso.test")

    assert alices.walk_until(f"{APP}/needs/{name}/", "/login/")
    assert alices.get(f"{APP}/asks/{name}/").content.decode() == "hello nobody, from a loop"


@pytest.mark.parametrize("decorator", ["needs", "asks"])
@pytest.mark.usefixtures("client")
def test_a_sync_class_based_page_is_one_as_well(alices: Browser, decorator: str) -> None:
    assert alices.get(f"{APP}/{decorator}/sync/?page=2").content.decode() == "hello sso.alice"
    assert alices.visited[-1] == f"{APP}/{decorator}/sync/?page=2"


@pytest.mark.parametrize("name", PAGES)
def test_while_the_server_is_down_a_public_page_is_there_and_another_says_so(
    alices: Browser, client: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object, **__: object) -> str:
        raise ServerUnavailable("down")

    monkeypatch.setattr(client.back_channel, "post", down)

    assert alices.get(f"{APP}/asks/{name}/").content.decode() == "hello nobody, from a loop"
    assert client.handshakes.checked in alices.at("app.test").cookies
    assert alices.get(f"{APP}/needs/{name}/").status_code == 503


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.usefixtures("client")
def test_a_form_that_was_sent_ends_on_its_page(alices: Browser, name: str) -> None:
    answer = alices.at("app.test").post(f"/needs/{name}/?page=2", {"text": "secret"})

    assert answer.status_code == 302
    assert alices.get(answer["Location"]).content.decode() == HELLO
    assert alices.visited[-1] == f"{APP}/needs/{name}/?page=2"


@pytest.mark.parametrize("decorator", [login_required, passive_login])
def test_a_decorated_view_is_what_it_was(decorator: Any) -> None:
    assert iscoroutinefunction(decorator(page))
    assert not iscoroutinefunction(decorator(greet))
    assert decorator(page).__name__ == "page"


@pytest.mark.usefixtures("client")
def test_signing_out_works_under_asgi_too(alices: Browser) -> None:
    alices.get(f"{APP}/needs/function/")

    answer = alices.at("app.test").post("/sso/sso-logout/")

    assert answer["Location"] == "/sso/sso-signed-out/"
    assert "signed out of this app" in alices.get(f"{APP}/sso/sso-signed-out/").content.decode()
