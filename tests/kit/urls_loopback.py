"""Server and client on one site."""

from __future__ import annotations

from django.urls import include, path

from sso_kit.client import Client
from sso_kit.client.decorators import login_required
from sso_kit.server import Server
from tests.kit.urls import PRIVATE_KEY, PUBLIC_KEY, front, inside

client = Client("http://sso.test/server/", PUBLIC_KEY, PRIVATE_KEY, base_url="http://sso.test")
urlpatterns = [
    path("", front),
    path("in/", login_required(inside)),
    path("server/", include(Server(auth_view_name="/login/").get_urls())),
    path("sso/", include(client.get_urls())),
]
