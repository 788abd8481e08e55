from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from client_a.notes.views import front
from site_common.health import healthz
from sso_kit.client import Client

sso = Client(
    f"{settings.SSO_URL}/sso/",
    settings.SSO_PUBLIC_KEY,
    settings.SSO_PRIVATE_KEY,
    base_url=settings.BASE_URL,
    back_channel_url=f"{settings.SSO_BACK_CHANNEL_URL}/sso/",
    sign_out_url=f"{settings.SSO_URL}/accounts/logout/",
    legacy_server=settings.SSO_STOCK_FORMAT,
)

urlpatterns = [
    path("", front, name="front"),
    path("notes/", include("client_a.notes.urls")),
    path("sso/", include(sso.get_urls())),
    path("healthz", healthz),
]
