"""What this server wants differently from django-allauth's defaults."""

from __future__ import annotations

import logging
import math
import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from .audit import name_of_account, where
from .refusals import too_many_attempts

logger = logging.getLogger(__name__)
FAILED_LOGINS = {"app": "allauth.account", "action": "login_failed"}


class PeopleAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        # The same words whether the account exists or not.
        "username_password_mismatch": (
            "This user name and password do not belong together. Check both: "
            "a password knows capitals from small letters."
        ),
        "enter_current_password": "That is not your current password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path of this site: the default trusts the back channel's host too."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def get_reset_password_from_key_url(self, key: str) -> str:
        """With the key where no log has it: the query, as ``token``."""
        path = f"{reverse('reset_link')}?{urlencode({'token': key})}"
        url: str = settings.BASE_URL + path
        return url

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the attempt; refuse it with a 429 page once there were too many."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as error:
            key = self._get_login_attempts_cache_key(request, **credentials)
            details = where(request) | account_named(credentials)
            logger.warning("log-in refused: too many failures", extra=details)
            response = too_many_attempts(request, seconds_to_wait(request, key))
            raise ImmediateHttpResponse(response) from error

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        logger.info("log-in failed", extra=where(request) | account_named(credentials))

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> Any:
        details = where(request) | {"person": user.get_username()}
        logger.warning("log-in refused: account deactivated", extra=details)
        return super().respond_user_inactive(request, user)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """By account alone: the default adds the Host header, and with it the port a
        client may write there as it likes, to be counted afresh."""
        return str(credentials.get("username", "")).strip().lower()


def account_named(credentials: dict[str, Any]) -> dict[str, str]:
    """For the log: the account that was tried, if there is one of that name."""
    name = name_of_account(str(credentials.get("username", "")))
    return {"person": name} if name else {}


def seconds_to_wait(request: HttpRequest, key: str) -> int:
    """Until the oldest counted failure leaves its window; allauth keeps newest first."""
    waits = [1.0]
    for rate in ratelimit.get_rates(**FAILED_LOGINS):
        counted = ratelimit.get_cache_key(request, **FAILED_LOGINS, rate=rate, key=key)
        times = cache.get(counted, [])
        if len(times) >= rate.amount:
            waits.append(times[rate.amount - 1] + rate.duration - time.time())
    return math.ceil(max(waits))
