"""A project that installed the client's app and forgot its URLs."""

from __future__ import annotations

from typing import Any

from django.urls import include, path

from tests.kit.urls import server

urlpatterns: list[Any] = [path("server/", include(server.get_urls()))]
