"""The pages of the twin. What differs between the flavours is the imports."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, URLResolver, include, path
from django.views.debug import ExceptionReporter

KIT = settings.FLAVOUR == "kit"


def public(request: HttpRequest) -> HttpResponse:
    """Who the visitor is, if known."""
    return JsonResponse({"user": request.user.get_username()})


def protected(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and the query as it came through the log-in."""
    return JsonResponse({"user": request.user.get_username(), "query": request.GET.dict()})


def broken(request: HttpRequest) -> HttpResponse:
    """An error page with the client and its key in reach, for the test of leaks.

    ``?plain`` makes it with Django's own reporter, as in a project that names no other.
    """
    if "plain" in request.GET:
        request.exception_reporter_class = ExceptionReporter
    key = sso.private_key
    raise RuntimeError(f"broken on purpose, with a key of {len(key)} characters in reach")


def client_for(prefix: str) -> tuple[Any, list[URLPattern | URLResolver]]:
    """The flavour's client, and its URLs with a page that needs a log-in."""
    client_module = import_module("sso_kit.client" if KIT else "simple_sso.sso_client.client")
    client = client_module.Client(
        settings.SSO_URL,
        settings.PUBLIC_KEY,
        settings.PRIVATE_KEY,
        **(kit_options() if KIT else {}),
    )
    decorators = import_module(f"{'sso_kit.client' if KIT else 'django.contrib.auth'}.decorators")
    urls = [
        path(prefix, include(client.get_urls())),
        path("broken/", broken),
        path("in/", decorators.login_required(protected)),
    ]
    passive = [path("passive/", decorators.passive_login(public))] if KIT else []
    return client, [*urls, *passive]


def kit_options() -> dict[str, Any]:
    """What stock's client has no word for. The stock twin never imports the kit."""
    from sso_kit.back_channel.gate import Budget

    return {
        "base_url": settings.BASE_URL,
        "back_channel_url": settings.BACK_CHANNEL_URL,
        "on_name_clash": settings.ON_NAME_CLASH,
        "previous_private_key": next(iter(settings.PREVIOUS_KEYS), None),
        "budget": Budget(read=settings.READ_BUDGET, rest=settings.REST),
        "legacy_server": settings.LEGACY,
    }


def server_urls() -> list[URLPattern | URLResolver]:
    server_module = import_module("sso_kit.server" if KIT else "simple_sso.sso_server.server")
    return [
        path("sso/", include(server_module.Server().get_urls())),
        path("login/", auth_views.LoginView.as_view(template_name="twin/login.html"), name="login"),
        path("logout/", auth_views.LogoutView.as_view(next_page="/"), name="logout"),
    ]


urlpatterns: list[URLPattern | URLResolver] = [path("", public)]
if settings.ROLE in ("server", "both"):
    urlpatterns += server_urls()
if settings.ROLE in ("client", "both"):
    sso, client_urls = client_for("app/sso/" if settings.ROLE == "both" else "sso/")
    urlpatterns += client_urls
