"""Projects that have the kit somewhere else than ``tests.kit.urls`` has it."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from django.core.handlers.wsgi import get_script_name
from django.http import HttpRequest, HttpResponse
from django.test import AsyncClient
from django.test.utils import override_script_prefix
from django.urls import include, path
from pytest_django import Settings

from sso_kit.client import Client
from tests.kit.consumers import register
from tests.kit.journeys import APP, HTML, CookieClient, InProcess
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY, PrefixingServer


class Mounted(CookieClient):
    """A browser's look at a host where something else answers outside of one path.

    Parameters:
        told: whether the project hears of it, as WSGI's ``SCRIPT_NAME``.
    """

    def __init__(self, root: str, *, told: bool, host: str = "app.test") -> None:
        super().__init__(headers={"host": host, **HTML})
        self.root, self.told = root, told

    def request(self, **request: Any) -> Any:
        path = request["PATH_INFO"]
        assert path.startswith(f"{self.root}/"), f"{path} is somebody else's on this host"
        request["PATH_INFO"] = path.removeprefix(self.root)
        request["SCRIPT_NAME"] = self.root if self.told else ""
        with override_script_prefix(get_script_name(request)):  # as WSGIHandler does
            return super().request(**request)


class Asgi:
    """A browser's look at a project under ASGI: what ``CookieClient`` has, if little of it."""

    def __init__(self) -> None:
        self.client = AsgiClient()
        self.cookies = self.client.cookies
        self.sent = {"host": "app.test", **HTML}

    def get(self, target: str, secure: bool = False) -> Any:
        return async_to_sync(self.client.get)(target, secure=secure, headers=self.sent)

    def post(self, target: str, data: Any = None) -> Any:
        return async_to_sync(self.client.post)(target, data, headers=self.sent)


class AsgiClient(AsyncClient):
    async def request(self, **scope: Any) -> Any:
        """Without the host that Django's client names first, whatever it is told."""
        scope["headers"] = [pair for pair in scope["headers"] if pair[1] != b"testserver"]
        return await super().request(**scope)


def greet(request: HttpRequest, **_: Any) -> HttpResponse:
    return HttpResponse(f"hello {request.user.get_username() or 'nobody'}")


def use(settings: Settings, *patterns: Any, server: str = "server/") -> None:
    """Let a project answer that has these addresses, and an identity server before them."""
    urls = path(server, include(PrefixingServer(auth_view_name="/login/").get_urls()))
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [urls, *patterns]})


def client_of(server: str = "server/", base_url: str | None = APP, **keys: str) -> Client:
    """A client of ``sso.test`` whose back channel needs no network."""
    public, private = keys.get("public", PUBLIC_KEY), keys.get("private", PRIVATE_KEY)
    client = Client(f"http://sso.test/{server}", public, private, base_url=base_url)
    client.back_channel = InProcess(public, f"/{server}")
    return client


def second(name: str = "second") -> dict[str, str]:
    """The keys of a further consumer, which is registered."""
    keys = {"public": f"{name}-public", "private": f"{name}-private-".ljust(50, "x")}
    register(name, public_key=keys["public"], private_key=keys["private"])
    return keys
