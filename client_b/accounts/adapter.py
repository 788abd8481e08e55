"""What Helpdesk wants differently from django-allauth's defaults."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


class LocalAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # The same words whether the account exists, has no password here, or another one.
        "username_password_mismatch": (
            "No account of Helpdesk’s own has this user name and password. "
            "Your password for Identity belongs there, not here."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path of this site: the default trusts the back channel's host too."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt; refuse it with a 429 page once there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            raise ImmediateHttpResponse(too_many(request)) from error

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> Any:
        return render(request, "helpdesk/inactive.html", status=403)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By account alone: the default adds the Host header."""
        return str(credentials.get("username", "")).strip().lower()


def too_many(request: HttpRequest, exception: object = None) -> Any:
    return render(request, "helpdesk/too_many.html", status=429)
