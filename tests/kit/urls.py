"""The identity server at /server/, the client at /sso/, and the client's own pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.views import LoginView, LogoutView, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from sso_kit.client import Client
from sso_kit.client.decorators import login_required, passive_login
from sso_kit.server import Server

PUBLIC_KEY = "the-apps-public-key"
PRIVATE_KEY = "the-apps-private-key-" * 2 + "0123456789"
SERVER_URL = "http://sso.test/server/"
APP_URL = "http://app.test"
ADDED_BY_THE_SERVER = "sso."


class PrefixingServer(Server):
    """Both halves share one table of users here; so people need other names in the app."""

    def get_user_data(self, user: Any, consumer: Any, extra_data: Any = None) -> dict[str, Any]:
        data: dict[str, Any] = super().get_user_data(user, consumer, extra_data)
        return {**data, "username": ADDED_BY_THE_SERVER + data["username"]}


def front(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"front page of {request.user.get_username() or 'nobody'}")


def inside(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"only for {request.user.get_username()}")


def change_password(request: HttpRequest) -> HttpResponse:
    """At the server, as Django's own view does it."""
    user: Any = request.user
    user.set_password(request.POST["password"])
    user.save()
    update_session_auth_hash(request, user)
    return HttpResponse("changed")


server = PrefixingServer(auth_view_name="/login/")
client = Client(
    SERVER_URL,
    PUBLIC_KEY,
    PRIVATE_KEY,
    user_extra_data=["groups"],
    base_url=APP_URL,
    group_map={"agents": "helpers"},
)
urlpatterns = [
    path("", front),
    path("in/", login_required(inside)),
    path("hello/", passive_login(front)),
    path("server/", include(server.get_urls())),
    path("sso/", include(client.get_urls())),
    path("admin/", admin.site.urls),
    path("login/", LoginView.as_view(next_page="/")),
    path("logout/", LogoutView.as_view(next_page="/")),
    path("password/", change_password),
    path("reset/<uidb64>/<token>/", PasswordResetConfirmView.as_view(success_url="/")),
]
