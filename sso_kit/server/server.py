"""``Server``: stock's class, its hooks and its addresses. What they do is in the modules around."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.exceptions import AlreadyRegistered
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.urls import URLPattern, path
from simple_sso.sso_server.models import Consumer
from simple_sso.sso_server.server import Server as StockServer

from ..inheritance import hardened
from . import directory
from .admin import ConsumerAdmin
from .installed import SIGNED_OUT, TIME_LEFT
from .issuer import issuer
from .models import ConsumerPolicy
from .policy import find_policy
from .providers import (
    Provider,
    RequestTokenProvider,
    SessionProvider,
    SignOutProvider,
    VerificationProvider,
    back_channel_view,
)
from .request_tokens import LIFETIME
from .signed_out import SignedOutView
from .time_left import TimeLeftView
from .views import AuthorizeView, sign_in_once

__all__ = [
    "AuthorizeView",
    "ConsumerAdmin",
    "Provider",
    "RequestTokenProvider",
    "Server",
    "VerificationProvider",
]

PASSWORD_BACKENDS = (
    "django.contrib.auth.backends.ModelBackend",
    "django.contrib.auth.backends.AllowAllUsersModelBackend",
)
OURS = {
    "request_token_provider": RequestTokenProvider,
    "verification_provider": VerificationProvider,
    "authorize_view": AuthorizeView,
    "client_admin": ConsumerAdmin,
}


class Server(StockServer):
    """The identity server. Use as stock's: ``path("sso/", include(Server().get_urls()))``.

    Override ``get_subject``, ``has_access`` and ``attributes`` in a subclass where needed, and
    stock's other hooks as with stock. The four classes below may be subclasses of stock's or of
    those here.

    Attributes:
        token_timeout: how long a request token counts, and an access token where that is less
            than its minute. A longer time than the ten minutes here is as good as ten minutes.
    """

    request_token_provider = RequestTokenProvider
    verification_provider = VerificationProvider
    authorize_view = AuthorizeView
    client_admin = ConsumerAdmin
    token_timeout = LIFETIME

    def __init__(self, **options: Any) -> None:
        """As with stock.

        Parameters:
            options: attributes: ``auth_view_name``, ``token_timeout``, classes.
        """
        for name, ours in OURS.items():
            options[name] = hardened(options.get(name, getattr(self, name)), ours)
        super().__init__(**options)

    def register_admin(self) -> None:
        """``client_admin`` for the consumers, in Django's own admin site (stock's hook)."""
        try:
            admin.site.register(Consumer, self.client_admin)
        except AlreadyRegistered:
            return  # a second Server in one project

    def get_issuer(self) -> str:
        """What names this server for ever; see ``issuer``."""
        return issuer()

    def get_subject(self, user: Any) -> str:
        """What names a person for ever; see ``directory.subject_of``."""
        return directory.subject_of(user)

    def get_email_verified(self, user: Any) -> bool:
        """Whether the person's e-mail address is known to be theirs."""
        return directory.is_email_verified(user)

    def get_amr(self, request: HttpRequest, user: Any) -> tuple[str, ...]:
        """How a person proved just now who they are, as RFC 8176 names the ways.

        Django's own back end says that it was a password. Nothing is said of others: override
        this where another way is used. An app that wants to know fails closed.
        """
        return ("pwd",) if getattr(user, "backend", "") in PASSWORD_BACKENDS else ()

    def sign_in_once(
        self, request: HttpRequest, user: Any, next_url: str, amr: tuple[str, ...] = ()
    ) -> HttpResponse | None:
        """Let somebody into the one app that asks, and leave the server's session as it was.

        For a log-in form with a box "keep me signed in for other apps" that isn't ticked: call
        it in place of ``django.contrib.auth.login``.

        Parameters:
            user: who has just proved who they are.
            next_url: where the form leads: ``authorize/`` with a request token.
            amr: how, as of ``get_amr``.

        Returns:
            the answer; ``None`` where no app asks, so that there is nothing but to log in.

        Raises:
            HandShakeError: the hand-shake can't go on.
        """
        return sign_in_once(self, request, user, next_url, amr)

    def has_access(self, user: Any, consumer: Consumer) -> bool:
        """Whether a person may enter a consumer at all (stock's hook)."""
        policy = find_policy(pk=consumer.pk)
        return policy is not None and directory.may_enter(policy, user)

    def may_enter(self, user: Any, policy: ConsumerPolicy) -> bool:
        """``has_access``, without a second query where it isn't overridden."""
        if type(self).has_access is Server.has_access:
            return directory.may_enter(policy, user)
        return bool(self.has_access(user, policy.consumer))

    def attributes(self, user: Any) -> dict[str, Any]:
        """Extra data that exists, by name; each value a callable."""
        return directory.attributes_of(user)

    def get_user_data(
        self, user: Any, consumer: Consumer, extra_data: Any = None
    ) -> dict[str, Any]:
        """What an app is told of a person (stock's hook)."""
        data = directory.profile_of(user)
        if extra_data:
            data["extra_data"] = self.get_user_extra_data(user, consumer, extra_data)
        return data

    def get_user_extra_data(self, user: Any, consumer: Consumer, extra_data: Any) -> dict[str, Any]:
        """What the consumer asks for *and* is granted (stock's hook)."""
        policy = getattr(consumer, "policy", None)  # the provider's, so no query
        known = self.attributes(user)
        names = directory.granted_names(policy, extra_data)
        return {name: known[name]() for name in names if name in known}

    def get_login_url(self) -> str:
        """Where people log in: ``auth_view_name``, or ``LOGIN_URL`` where that has no route."""
        return resolve_url(self.auth_view_name or settings.LOGIN_URL)

    def get_urls(self) -> list[URLPattern]:
        ask, verify = self.request_token_provider, self.verification_provider
        authorize = self.authorize_view.as_view(server=self)
        signed_out = SignedOutView.as_view()
        return [
            path("request-token/", self._back_channel(ask), name="simple-sso-request-token"),
            path("authorize/", authorize, name="simple-sso-authorize"),
            path("verify/", self._back_channel(verify), name="simple-sso-verify"),
            path("session/", self._back_channel(SessionProvider), name="sso-session"),
            path("sign-out/", self._back_channel(SignOutProvider), name="sso-sign-out"),
            path("signed-out/", signed_out, name=SIGNED_OUT),
            path("time-left/", TimeLeftView.as_view(), name=TIME_LEFT),
        ]

    def _back_channel(self, provider: Any) -> Any:
        return back_channel_view(lambda server: provider(server=server), self)
