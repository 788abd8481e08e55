"""The front channel's server end: ``authorize/``, where the browser gets its access token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from simple_sso.sso_server.server import AuthorizeView as StockAuthorizeView

from .. import clock, events
from ..errors import AccessDenied, HandShakeError, LinkDamaged, TokenRefused
from ..events import Step
from ..front_channel import FrontChannelView
from ..messages import dialect_of
from ..pages import Page, refusal_page
from . import grants, sessions
from .models import ConsumerPolicy
from .policy import find_policy
from .protocol import IdentityServer
from .request_tokens import RequestToken, RequestTokenExpired, read_request_token

MAX_TOKEN_LENGTH = 4096  # characters


@dataclass
class Token:
    """What an override of stock's hooks finds as ``self.token``. No row: there is nothing to save.

    Attributes:
        request_token: the signed text, as it is in the address.
    """

    consumer: Any
    request_token: str
    redirect_to: str
    user: Any = None


class AuthorizeView(FrontChannelView, StockAuthorizeView):
    """Sends the browser back with an access token, to the log-in form, or away.

    Stock's hooks are called where stock calls them, but for ``check_token_timeout``; those
    that turn somebody away raise the refusal here, and return their own page in a project.
    """

    server: IdentityServer
    request_token: RequestToken | None = None
    policy: ConsumerPolicy | None = None
    token: Token
    refusal: HandShakeError | None = None

    def get(self, request: HttpRequest) -> HttpResponse:
        signed = request.GET.get("token", "")
        if not signed or len(signed) > MAX_TOKEN_LENGTH:
            error = LinkDamaged("The address lacks the request token of an app.")
            return self._turn_away(self.missing_token_argument, error)
        try:
            self.request_token = read_request_token(signed, self.server.token_timeout)
        except RequestTokenExpired as expired:
            self.request_token = expired.token
            return self._turn_away(self.token_timeout, expired)
        except LinkDamaged as damaged:
            return self._turn_away(self.token_not_found, damaged)
        self.policy = find_policy(pk=self.request_token.consumer_id)
        if self.policy is None:
            gone = TokenRefused("The app that sent you here is no longer registered.")
            return self._turn_away(self.token_not_found, gone)
        self.token = Token(self.policy.consumer, signed, self.request_token.redirect_to)
        if request.user.is_authenticated:
            self.token.user = request.user
            return self.handle_authenticated_user()
        if self.request_token.passive:
            return self._nobody(self.request_token, "login_required")
        return self.handle_unauthenticated_user()

    def _turn_away(self, hook: Callable[[], HttpResponse], refusal: HandShakeError) -> HttpResponse:
        """Ask the hook for its page; the kit's own raise the refusal instead."""
        self.refusal = refusal
        page = hook()
        self._tell(refusal)
        return page

    def missing_token_argument(self) -> HttpResponse:
        """The address has no request token (stock's hook)."""
        raise self.refusal or LinkDamaged("The address lacks the request token of an app.")

    def token_not_found(self) -> HttpResponse:
        """Forged, garbled, or of an app that is gone (stock's hook)."""
        raise self.refusal or LinkDamaged("This sign-in link is damaged.")

    def token_timeout(self) -> HttpResponse:
        """Genuine, and too old (stock's hook)."""
        raise self.refusal or TokenRefused("This sign-in was begun too long ago.")

    def access_denied(self) -> HttpResponse:
        """Somebody who may not enter this app (stock's hook)."""
        if self.request_token is not None and self.request_token.passive:
            return self._nobody(self.request_token, "access_denied")
        name = self.request.user.get_username()
        raise AccessDenied(f"{name} may not enter {self.token.consumer.name}.")

    def handle_authenticated_user(self) -> HttpResponse:
        """Somebody is signed in: back to the app with an access token, if they may (stock's)."""
        user, policy = self.request.user, self.policy
        if policy is None or not user.is_active or not self.server.may_enter(user, policy):
            return self.access_denied()
        return self.success()

    def handle_unauthenticated_user(self) -> HttpResponse:
        """Stock's redirect to the log-in form, which comes back here afterwards."""
        token = self.request_token
        events.tell(Step.LOG_IN_NEEDED, handshake=token.reference if token else "")
        way_back = f"{self.request.path}?{urlencode({'token': self.request.GET['token']})}"
        login_url = self.server.get_login_url()
        return HttpResponseRedirect(f"{login_url}?{urlencode({'next': way_back})}")

    def success(self) -> HttpResponse:
        """Back to the app, with an access token (stock's hook)."""
        token, policy, user = self.request_token, self.policy, self.request.user
        assert token is not None and policy is not None
        key = policy.key_named(token.key)
        if key is None:
            raise TokenRefused("The app's key was replaced since this sign-in began.")
        session = sessions.key_of(getattr(self.request, "session", None), user)
        bare = grants.issue(token, user, session, clock.now())
        events.tell(
            Step.ACCESS_TOKEN_ISSUED,
            consumer=policy.consumer.name,
            handshake=token.reference,
            user=user.get_username(),
        )
        signed = dialect_of(token.challenge).sign_access_token(key, bare)
        return self._back(token, {"access_token": signed})

    def _nobody(self, token: RequestToken, error: str) -> HttpResponse:
        events.tell(Step.NOT_SIGNED_IN, handshake=token.reference, code=error)
        return self._back(token, {"error": error})

    def _back(self, token: RequestToken, parameters: dict[str, str]) -> HttpResponse:
        parts = urlsplit(token.redirect_to)
        query = QueryDict(parts.query, mutable=True)
        for name, value in parameters.items():
            query[name] = value  # in place of what the address may have brought
        return HttpResponseRedirect(
            urlunsplit((parts.scheme, parts.netloc, parts.path, query.urlencode(), ""))
        )

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        """The page for a sign-in that ended here."""
        self._tell(error)
        home = _front_page(self.request_token.redirect_to) if self.request_token else ""
        page = Page.of(error, error.at_server)
        return refusal_page(request, page.leading_to(home, "Back to the app" if home else ""))

    def _tell(self, error: HandShakeError) -> None:
        error.reference = self.request_token.reference if self.request_token else ""
        events.tell(Step.AUTHORIZE_REFUSED, error, handshake=error.reference)


def _front_page(url: str) -> str:
    """Of the app at ``redirect_to``. One that isn't at its host's root says where it is."""
    parts = urlsplit(url)
    home = QueryDict(parts.query).get("home", "/")
    path = home if home.endswith("/") and parts.path.startswith(home) else "/"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
