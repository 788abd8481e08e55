"""``Client``: stock's class, its hooks and its addresses. What they do is in the modules around."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, URLPattern, path
from simple_sso.sso_client.client import Client as StockClient
from simple_sso.utils import _split_dsn

from .. import conf
from ..back_channel.channel import BackChannel
from ..back_channel.gate import Budget
from ..errors import MessageRefused, NotConfigured
from ..inheritance import hardened
from ..keys import Key
from ..messages import HARDENED, STOCK, Payload
from ..routes import front_page
from . import linking
from .accounts import cached
from .accounts.accounts import Accounts
from .ended import SessionEndedView
from .handshake import HandShake, HandShakes
from .installed import AUTHENTICATE, ENDED, LINK, LOG_IN, LOG_OUT, SIGNED_OUT, TIME_LEFT, address_of
from .loopback import LoopbackBackChannel
from .protocol import Consumer
from .site import url_of
from .under_way import current, under_way
from .views import AuthenticateView, LoginView, LogoutView, SignedOutView, TimeLeftView

__all__ = ["AuthenticateView", "Client", "LoginView", "LogoutView", "SignedOutView"]


class Client(StockClient):
    """One consumer's end of single sign-on. Use as stock's::

        sso = Client("https://sso.example/sso/", PUBLIC_KEY, PRIVATE_KEY,
                     base_url="https://app.example")
        path("sso/", include(sso.get_urls()))

    A subclass overrides ``build_user`` and stock's other hooks, and has them called with what
    stock gives them. ``login_view`` and ``authenticate_view`` may be subclasses of stock's
    views or of those here.

    Parameters:
        server_url: the server's SSO root, as browsers reach it.
        public_key: as registered at the server.
        private_key: the same; nobody else has it.
        user_extra_data: names of extra data to ask for, e.g. ``["groups"]``.
        base_url: this site's own URL; default ``SSO_KIT["BASE_URL"]``. Needed outside
            ``DEBUG``: the return address is built from it and never from the request, whose
            Host header anybody can write.
        back_channel_url: the SSO root as this machine reaches it; default ``server_url``.
        previous_private_key: also accepted, while a new key is being rolled out.
        group_map: the server's group -> local group. At each log-in a mapped local group is given
            where the server vouches for the membership, and taken away where it doesn't. The
            server is asked for the groups on it, and for all only where ``user_extra_data`` says
            so.
        on_name_clash: ``"refuse"`` with an explanation, or ``"rename"``: make the account under
            a free name (``alice-2``). Where e-mail addresses are names, always refuse.
        sign_out_url: the server's own page for signing out there, for the page that people
            see after they signed out here.
        legacy_server: speak stock's format to a server not yet migrated. Weaker: HMAC-SHA1,
            answers not bound to questions, people known by name.
        budget: see ``back_channel.gate.Budget``; default: what ``SSO_KIT`` says.
    """

    backend: str = StockClient.backend
    login_view = LoginView
    authenticate_view = AuthenticateView
    logout_view = LogoutView
    signed_out_view = SignedOutView

    def __init__(
        self,
        server_url: str,
        public_key: str,
        private_key: str,
        user_extra_data: list[str] | None = None,
        *,
        base_url: str | None = None,
        back_channel_url: str | None = None,
        previous_private_key: str | None = None,
        group_map: dict[str, str] | None = None,
        on_name_clash: str = "refuse",
        sign_out_url: str | None = None,
        legacy_server: bool = False,
        budget: Budget | None = None,
    ) -> None:
        self.server_url = server_url.rstrip("/") + "/"
        self.public_key = public_key
        self.private_key = Key(private_key)
        self.keys = [self.private_key] + [Key(key) for key in [previous_private_key] if key]
        if user_extra_data:  # else the class's
            self.user_extra_data = user_extra_data
        self.base_url = base_url = base_url or conf.base_url()
        self.sign_out_url = sign_out_url
        self.legacy_server = legacy_server
        self.login_view = hardened(self.login_view, LoginView)
        self.authenticate_view = hardened(self.authenticate_view, AuthenticateView)
        if self.backend not in settings.AUTHENTICATION_BACKENDS:
            self.backend = settings.AUTHENTICATION_BACKENDS[0]
        self.dialect = STOCK if legacy_server else HARDENED
        self.handshakes = HandShakes(public_key, base_url)
        self.accounts = Accounts(
            self.server_url, self.keys, on_name_clash, group_map, self.prepare_user
        )
        self.back_channel = BackChannel(
            back_channel_url or self.server_url, public_key, budget, legacy_server
        )
        self.loopback = LoopbackBackChannel(self.server_url, public_key, base_url)
        self.consumer = Consumer(
            self.server_url, public_key, self.keys, self.dialect, lambda: self.channel
        )

    @property
    def channel(self) -> BackChannel:
        """How the server is asked: by a call where it is this very project."""
        return self.loopback if self.loopback.serves else self.back_channel

    @property
    def authenticate_path(self) -> str:
        """Where hand-shakes come back to, from the site's root."""
        return address_of(self, AUTHENTICATE)

    @property
    def shares_accounts(self) -> bool:
        """Whether this very project is the server, so that people and sessions are the same."""
        return self.loopback.serves

    @classmethod
    def from_dsn(cls, dsn: str, **options: Any) -> Client:
        """From ``scheme://PUBLIC:PRIVATE@host/path``; options as for the class."""
        server_url, public_key, private_key = _split_dsn(dsn)
        return cls(server_url, public_key, private_key, **options)

    def site_url(self, request: HttpRequest) -> str:
        """This site's base URL, without trailing slash.

        In development it may be left out: then it is where the request was sent to, if
        ``ALLOWED_HOSTS`` has that. Which of them gets tokens is the server's decision.

        Raises:
            NotConfigured: not given, and this is not a project being developed.
        """
        if self.base_url:
            return self.base_url.rstrip("/")
        if settings.DEBUG:
            return f"{request.scheme}://{request.get_host()}"
        raise NotConfigured(
            "This app doesn't know its own address.",
            remedy='Client(..., base_url="https://this.site"), or SSO_KIT = {"BASE_URL": '
            '"https://this.site"} in its settings; outside DEBUG it is never taken from a request.',
        )

    def authorize_url(self, handshake: HandShake, request: HttpRequest) -> str:
        """Ask for a request token; where the browser goes with it.

        Raises:
            HandShakeError: the server refuses, or doesn't answer.
        """
        here = self.site_url(request)
        parameters = {"state": handshake.state} | ({"passive": "1"} if handshake.passive else {})
        home = urlsplit(url_of(here, front_page())).path
        parameters |= {"home": home} if home != "/" and not self.legacy_server else {}
        redirect_to = f"{url_of(here, self.authenticate_path)}?{urlencode(parameters)}"
        with under_way(handshake):
            return self.consumer.authorize_url(self.get_request_token(redirect_to))

    def get_request_token(self, redirect_to: str) -> str:
        """The request token for an address (stock's hook)."""
        token: str = self.consumer.consume("/request-token/", {"redirect_to": redirect_to})[
            "request_token"
        ]
        return token

    def tell_at(self) -> str:
        """Where the server is to say that a sign-in has ended; empty where that can't be told."""
        try:
            return url_of(self.base_url, address_of(self, ENDED)) if self.base_url else ""
        except NoReverseMatch:
            return ""

    def get_user(self, access_token: str) -> Any:
        """Redeem an access token for a local account (stock's hook)."""
        question = {"access_token": access_token, **self.wanted(), "tell_at": self.tell_at()}
        if self.shares_accounts:
            question["signs_in"] = False  # the server's own session is the one
        return self.build_user(self.consumer.consume("/verify/", question))

    def purpose_of(
        self, request: HttpRequest, handshake: HandShake
    ) -> Callable[[str], HttpResponse] | None:
        """What else than signing somebody in a hand-shake was begun for; see ``linking``."""
        if not linking.is_asked_by(request, handshake):
            return None

        def go_on(token: str) -> HttpResponse:
            question = {"access_token": token, "signs_in": False}
            return linking.proved(
                self, request, handshake, lambda: self.consumer.consume("/verify/", question)
            )

        return go_on

    def wanted(self) -> Payload:
        """What to ask for beside the profile: the groups on the map, where there is one."""
        names = list(self.user_extra_data or ())
        if not self.accounts.group_map or "groups" in names:
            return {"extra_data": names} if names else {}
        return {"extra_data": [*names, "groups"], "groups": sorted(self.accounts.group_map)}

    def build_user(self, user_data: Payload) -> Any:
        """The local account of the person whom the server has just vouched for (stock's hook).

        Parameters:
            user_data: exactly stock's: ``username``, ``email``, ``first_name``, ``last_name``,
                ``is_staff``, ``is_superuser``, ``is_active``, and ``extra_data`` where that was
                asked for. Whose account it is doesn't follow from it but from the subject; an
                override that calls this one may change what is in it.

        Raises:
            HandShakeError: no account for this person; or nobody was vouched for here.
        """
        passage = current()
        person = passage.person if passage else None
        if person is None:
            raise MessageRefused("An account is made in a hand-shake only: nobody was verified.")
        if self.shares_accounts:  # one project, one table of accounts: it is the server's own
            return get_user_model()._default_manager.get_by_natural_key(person.profile["username"])
        if conf.users_in_cache():
            return cached.user_for(self.accounts, replace(person, profile=user_data))
        same_address = user_data.get("email") == person.profile.get("email")
        return self.accounts.account_for(
            replace(
                person,
                profile=user_data,
                email_verified=person.email_verified and same_address,
            )
        )

    def prepare_user(self, user: Any, user_data: Payload) -> None:
        """Fill what a new account needs beyond the profile; called before it is first saved.

        Parameters:
            user: of the project's user model, without a primary key.
            user_data: as in ``build_user``.
        """

    def get_urls(self) -> list[URLPattern]:
        """Stock's two addresses, and others whose names a project's own views won't have."""
        return [
            path("", self.login_view.as_view(client=self), name=LOG_IN),
            path("authenticate/", self.authenticate_view.as_view(client=self), name=AUTHENTICATE),
            path("sso-logout/", self.logout_view.as_view(client=self), name=LOG_OUT),
            path("sso-signed-out/", self.signed_out_view.as_view(client=self), name=SIGNED_OUT),
            path("link/", linking.LinkView.as_view(client=self), name=LINK),
            path("time-left/", TimeLeftView.as_view(client=self), name=TIME_LEFT),
            path("session-ended/", SessionEndedView.as_view(client=self), name=ENDED),
        ]
