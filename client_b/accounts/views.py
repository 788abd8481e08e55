"""Accounts with a password of Helpdesk's own, and what they have to do with an identity."""

from __future__ import annotations

from typing import Any

from allauth.account.views import LoginView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from site_common.requests import PersonsRequest
from sso_kit.client.decorators import login_required


class LocalLogInView(LoginView):
    """The second way in; there is none where users are in the cache."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.LOCAL_ACCOUNTS:
            raise Http404
        page: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return page

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        for name in ("site", "login_url"):  # allauth's hide those of the page's frame
            context.pop(name, None)
        return context


@require_safe
@login_required
def account(request: PersonsRequest) -> HttpResponse:
    """How somebody signs in here, and the buttons that change it."""
    if not settings.LOCAL_ACCOUNTS:
        raise Http404
    user = request.user
    identity = getattr(user, "sso_identity", None)
    context = {"identity": identity, "has_password": user.has_usable_password()}
    return render(request, "helpdesk/account.html", context)
