"""A project that asks for a log-in everywhere still lets people begin one."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.decorators import method_decorator
from django.views import View
from pytest_django import Settings
from simple_sso.sso_client.client import Client as StockClient
from simple_sso.sso_client.client import LoginView as StockLoginView

from sso_kit.client import AuthenticateView, Client
from sso_kit.client.decorators import login_required, passive_login
from tests.kit.journeys import APP, Browser
from tests.kit.projects import client_of, greet, use
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("app")]
HELLO = "hello sso.alice"
MIDDLEWARE = "django.contrib.auth.middleware.LoginRequiredMiddleware"


class Page(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        return greet(request)


class OwnLoginView(StockLoginView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return super().dispatch(request, *args, **kwargs)


class OwnAuthenticateView(AuthenticateView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().dispatch(request, *args, **kwargs)


@pytest.fixture(autouse=True)
def project(settings: Settings) -> Client:
    """Both sides are one project in these tests, so both have the middleware."""
    settings.MIDDLEWARE, settings.LOGIN_URL = [*settings.MIDDLEWARE, MIDDLEWARE], "/sso/"
    client = client_of()
    use(
        settings,
        path("sso/", include(client.get_urls())),
        path("plain/", greet),
        path("in/", login_required(greet)),
        path("public/", passive_login(greet)),
        path("class/", method_decorator(passive_login, name="dispatch")(Page).as_view()),
    )
    return client


@pytest.mark.parametrize("name", ["plain", "in", "public", "class"])
def test_who_is_signed_in_there_is_signed_in_here(alices: Browser, name: str) -> None:
    assert alices.get(f"{APP}/{name}/?page=2").content.decode() == HELLO
    assert alices.visited[-1] == f"{APP}/{name}/?page=2"


@pytest.mark.parametrize("name", ["public", "class"])
def test_a_page_that_only_asks_is_for_everybody(name: str) -> None:
    assert Browser().get(f"{APP}/{name}/").content.decode() == "hello nobody"


@pytest.mark.parametrize("name", ["plain", "in"])
def test_the_others_are_for_nobody_else(name: str) -> None:
    visitor = Browser()

    assert "/login/?next=" in visitor.walk_until(f"{APP}/{name}/", "/login/")


@pytest.mark.parametrize("address", ["sso-signed-out/", "authenticate/"])
def test_the_other_pages_of_the_client_are_there_too(address: str) -> None:
    answer = Browser().get(f"{APP}/sso/{address}", follow=False)

    assert answer.status_code in (200, 400)


def test_views_of_a_projects_own_are_let_be_as_well(alices: Browser, settings: Settings) -> None:
    class Own(Client):
        login_view = OwnLoginView
        authenticate_view = OwnAuthenticateView

    client = Own("http://sso.test/server/", PUBLIC_KEY, PRIVATE_KEY, base_url=APP)
    client.back_channel = client_of().back_channel
    use(settings, path("sso/", include(client.get_urls())), path("plain/", greet))

    assert alices.get(f"{APP}/plain/").content.decode() == HELLO


def test_with_stock_it_goes_round_in_circles(settings: Settings) -> None:
    """The control."""
    stock = StockClient("http://sso.test/server/", "key", "key")
    use(settings, path("sso/", include(stock.get_urls())))

    with pytest.raises(AssertionError, match="redirected for ever"):
        Browser().get(f"{APP}/sso/")
