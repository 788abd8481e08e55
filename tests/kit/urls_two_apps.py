"""The identity server and two apps of it, each under a host name and paths of its own."""

from __future__ import annotations

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from sso_kit.client import Client
from sso_kit.client.decorators import login_required
from sso_kit.server import Server
from tests.kit.urls import PrefixingServer, change_password, front, inside

KEYS = {
    "a": ("public-key-of-app-a", "private-key-of-app-a-" * 3),
    "b": ("public-key-of-app-b", "private-key-of-app-b-" * 3),
}
URLS = {"a": "http://app.test", "b": "http://other.test"}
SERVER_URL = "http://sso.test/server/"

server: Server = PrefixingServer(auth_view_name="/login/")
clients = {name: Client(SERVER_URL, *KEYS[name], base_url=URLS[name]) for name in KEYS}
urlpatterns = [
    path("", front),
    path("server/", include(server.get_urls())),
    path("login/", LoginView.as_view(next_page="/")),
    path("logout/", LogoutView.as_view(next_page="/")),
    path("password/", change_password),
]
for name, client in clients.items():
    urlpatterns += [
        path(f"{name}/sso/", include(client.get_urls())),
        path(f"{name}/in/", login_required(client=client)(inside)),
    ]
