"""A client without a server, as most projects are."""

from __future__ import annotations

from django.urls import include, path

from tests.kit.urls import client

urlpatterns = [path("sso/", include(client.get_urls()))]
