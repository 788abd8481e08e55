"""The pages of the twin. What differs between the flavours is the imports."""

from __future__ import annotations

from importlib import import_module

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path

KIT = settings.FLAVOUR == "kit"


def public(request: HttpRequest) -> HttpResponse:
    """Who the visitor is, if known."""
    return JsonResponse({"user": request.user.get_username()})


def protected(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and the query as it came through the log-in."""
    return JsonResponse({"user": request.user.get_username(), "query": request.GET.dict()})


def broken(request: HttpRequest) -> HttpResponse:
    """An error page with the client in reach, for the test of leaks."""
    client = sso
    raise RuntimeError(f"{type(client).__name__} broken on purpose")


if settings.ROLE == "server":
    server_module = import_module("sso_kit.server" if KIT else "simple_sso.sso_server.server")
    urlpatterns = [
        path("", public),
        path("sso/", include(server_module.Server().get_urls())),
        path("login/", auth_views.LoginView.as_view(template_name="twin/login.html"), name="login"),
        path("logout/", auth_views.LogoutView.as_view(next_page="/"), name="logout"),
    ]
else:
    client_module = import_module("sso_kit.client" if KIT else "simple_sso.sso_client.client")
    options = {"base_url": settings.BASE_URL} if KIT else {}
    sso = client_module.Client(
        settings.SSO_URL, settings.PUBLIC_KEY, settings.PRIVATE_KEY, **options
    )
    urlpatterns = [path("", public), path("sso/", include(sso.get_urls())), path("broken/", broken)]
    if KIT:
        decorators = import_module("sso_kit.client.decorators")
        urlpatterns += [
            path("in/", decorators.login_required(protected)),
            path("passive/", decorators.passive_login(public)),
        ]
    else:
        urlpatterns += [path("in/", login_required(protected))]
