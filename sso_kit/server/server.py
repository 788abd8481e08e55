"""``Server``: stock's class with the hardened providers and view."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.exceptions import AlreadyRegistered
from django.shortcuts import resolve_url
from django.urls import URLPattern, path
from simple_sso.sso_server.models import Consumer
from simple_sso.sso_server.server import Server as StockServer

from ..store.people import group_names
from .admin import ConsumerAdmin
from .models import ConsumerPolicy
from .policy import find_policy, may_enter
from .providers import RequestTokenProvider, VerificationProvider, back_channel_view
from .views import AuthorizeView


class Server(StockServer):
    """The identity server. Use as stock's: ``path("sso/", include(Server().get_urls()))``.

    Override ``get_subject``, ``has_access`` and ``attributes`` in a subclass where needed.
    """

    request_token_provider = RequestTokenProvider
    verification_provider = VerificationProvider
    authorize_view = AuthorizeView
    client_admin = ConsumerAdmin

    def register_admin(self) -> None:
        try:
            admin.site.register(Consumer, self.client_admin)
        except AlreadyRegistered:
            return  # a second Server in one project

    def get_subject(self, user: Any) -> str:
        """What names a person for ever: ``user.subject`` if the model has it, else the key.

        Never the user name, which may pass from one person to another.
        """
        return str(getattr(user, "subject", None) or user.pk)

    def get_email_verified(self, user: Any) -> bool:
        """Whether the person's e-mail address is known to be theirs: ``user.email_verified``."""
        return getattr(user, "email_verified", False) is True

    def has_access(self, user: Any, consumer: Consumer) -> bool:
        """Whether a person may enter a consumer at all (stock's hook)."""
        policy = find_policy(pk=consumer.pk)
        return policy is not None and may_enter(policy, user)

    def may_enter(self, user: Any, policy: ConsumerPolicy) -> bool:
        """``has_access``, without a second query where it isn't overridden."""
        if type(self).has_access is Server.has_access:
            return may_enter(policy, user)
        return bool(self.has_access(user, policy.consumer))

    def attributes(self, user: Any) -> dict[str, Any]:
        """Extra data that exists, by name; each value a callable, so unasked ones cost nothing."""
        known: dict[str, Any] = {"groups": lambda: group_names(user)}
        if hasattr(user, "date_joined"):
            known["date_joined"] = lambda: user.date_joined.isoformat()
        return known

    def get_user_data(
        self, user: Any, consumer: Consumer, extra_data: Any = None
    ) -> dict[str, Any]:
        """Stock's answer about a person, for every user model (stock's hook)."""
        data: dict[str, Any] = {
            "username": user.get_username(),
            **{name: getattr(user, name, "") for name in ("email", "first_name", "last_name")},
            "is_staff": False,
            "is_superuser": False,
            "is_active": user.is_active,
        }
        if extra_data:
            data["extra_data"] = self.get_user_extra_data(user, consumer, extra_data)
        return data

    def get_user_extra_data(self, user: Any, consumer: Consumer, extra_data: Any) -> dict[str, Any]:
        """What the consumer asks for *and* is granted; the rest is left out."""
        policy = getattr(consumer, "policy", None)  # the provider's, so no query
        asked = extra_data if isinstance(extra_data, list) else []
        names = {name for name in asked if isinstance(name, str)} & set(
            policy.granted if policy else ()
        )
        known = self.attributes(user)
        return {name: known[name]() for name in sorted(names) if name in known}

    def get_login_url(self) -> str:
        """Where people log in: ``auth_view_name``, or ``LOGIN_URL`` where that has no route."""
        return resolve_url(self.auth_view_name or settings.LOGIN_URL)

    def get_urls(self) -> list[URLPattern]:
        return [
            path(
                "request-token/",
                self._back_channel(self.request_token_provider),
                name="simple-sso-request-token",
            ),
            path(
                "authorize/", self.authorize_view.as_view(server=self), name="simple-sso-authorize"
            ),
            path(
                "verify/", self._back_channel(self.verification_provider), name="simple-sso-verify"
            ),
        ]

    def _back_channel(self, provider: Any) -> Any:
        return back_channel_view(lambda server: provider(server=server), self)
