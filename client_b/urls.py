from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from client_b.accounts.views import LocalLogInView, account
from client_b.tickets.models import AGENTS
from client_b.tickets.views import front
from site_common.health import healthz
from sso_kit.client import Client

sso = Client(
    f"{settings.SSO_URL}/sso/",
    settings.SSO_PUBLIC_KEY,
    settings.SSO_PRIVATE_KEY,
    base_url=settings.BASE_URL,
    back_channel_url=f"{settings.SSO_BACK_CHANNEL_URL}/sso/",
    user_extra_data=["department", "phone"],
    group_map={"agents": AGENTS},
    sign_out_url=f"{settings.SSO_URL}/accounts/logout/",
    legacy_server=settings.SSO_STOCK_FORMAT,
)

urlpatterns = [
    path("sso/", include(sso.get_urls())),
    path("", front, name="front"),
    path("login/local/", LocalLogInView.as_view(), name="account_login"),
    path("account/", account, name="account"),
    path("tickets/", include("client_b.tickets.urls")),
    path("healthz", healthz),
]

handler429 = "client_b.accounts.adapter.too_many"
