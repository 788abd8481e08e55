from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from site_common.health import healthz
from sso_kit.client import Client
from sso_kit.client.decorators import login_required

sso = Client(
    f"{settings.SSO_URL}/sso/",
    settings.SSO_PUBLIC_KEY,
    settings.SSO_PRIVATE_KEY,
    base_url=settings.BASE_URL,
    back_channel_url=f"{settings.SSO_BACK_CHANNEL_URL}/sso/",
    sign_out_url=f"{settings.SSO_URL}/accounts/logout/",
)


@login_required
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "look/base.html")


urlpatterns = [
    path("", front, name="front"),
    path("sso/", include(sso.get_urls())),
    path("healthz", healthz),
]
