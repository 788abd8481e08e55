"""A project whose classes override stock's hooks, in the place of ``tests.kit.urls``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import include, path

from sso_kit.client import Client
from sso_kit.client.decorators import login_required
from tests.kit import urls
from tests.kit.journeys import Browser, InProcess

Arrange = Callable[..., Any]
STOCKS = {
    "username", "email", "first_name", "last_name", "is_staff", "is_superuser", "is_active",
}  # fmt: skip


def client_of(kind: type[Client], **options: Any) -> Client:
    client = kind(
        urls.SERVER_URL, urls.PUBLIC_KEY, urls.PRIVATE_KEY, base_url=urls.APP_URL, **options
    )
    client.back_channel = InProcess(urls.PUBLIC_KEY)
    return client


class Arranger:
    """Gives the project other addresses: those of a client, or a server, of its own."""

    def __init__(self, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.monkeypatch = settings, monkeypatch
        self.count = 0

    def client(self, client: Client, *more: Any) -> Client:
        self._use([path("server/", include(urls.server.get_urls())),
                   path("sso/", include(client.get_urls())), *more])  # fmt: skip
        return client

    def server(self, server: Any) -> Any:
        self._use([path("in/", login_required(urls.inside)),
                   path("server/", include(server.get_urls())),
                   path("sso/", include(urls.client.get_urls()))])  # fmt: skip
        return server

    def _use(self, patterns: Sequence[Any]) -> None:
        self.count += 1
        module = ModuleType(f"arranged_{id(self)}_{self.count}")
        module.urlpatterns = patterns  # type: ignore[attr-defined]  # made here
        self.monkeypatch.setitem(sys.modules, module.__name__, module)
        self.settings.ROOT_URLCONF = module.__name__


def alices_browser(alice: User) -> Browser:
    browser = Browser()
    browser.sign_in_at_the_server(alice)
    return browser
