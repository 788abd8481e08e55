"""The front channel's server end: ``authorize/``, where the browser gets its access token."""

from __future__ import annotations

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


class AuthorizeView(FrontChannelView, StockAuthorizeView):
    """Sends the browser back with an access token, to the log-in form, or away."""

    server: IdentityServer
    request_token: RequestToken | None = None
    policy: ConsumerPolicy | None = None

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            self.request_token = self._read_token(request)
        except RequestTokenExpired as error:
            self.request_token = error.token
            raise
        self.policy = find_policy(pk=self.request_token.consumer_id)
        if self.policy is None:
            raise TokenRefused("The app that sent you here is no longer registered.")
        return self._answer(request, self.request_token, self.policy)

    def _read_token(self, request: HttpRequest) -> RequestToken:
        signed = request.GET.get("token", "")
        if not signed or len(signed) > MAX_TOKEN_LENGTH:
            raise LinkDamaged("The address lacks the request token of an app.")
        return read_request_token(signed)

    def _answer(
        self, request: HttpRequest, token: RequestToken, policy: ConsumerPolicy
    ) -> HttpResponse:
        if not request.user.is_authenticated:
            if token.passive:
                return self._nobody(token, "login_required")
            return self.handle_unauthenticated_user()
        if not request.user.is_active or not self.server.may_enter(request.user, policy):
            if token.passive:
                return self._nobody(token, "access_denied")
            raise AccessDenied(
                f"{request.user.get_username()} may not enter {policy.consumer.name}."
            )
        return self.success()

    def handle_unauthenticated_user(self) -> HttpResponse:
        """Stock's redirect to the log-in form, which comes back here afterwards."""
        token = self.request_token
        events.tell(Step.LOG_IN_NEEDED, handshake=token.reference if token else "")
        way_back = f"{self.request.path}?{urlencode({'token': self.request.GET['token']})}"
        login_url = self.server.get_login_url()
        return HttpResponseRedirect(f"{login_url}?{urlencode({'next': way_back})}")

    def success(self) -> HttpResponse:
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
        token = self.request_token
        error.reference = token.reference if token else ""
        events.tell(Step.AUTHORIZE_REFUSED, error, handshake=error.reference)
        home = _front_page(token.redirect_to) if token else ""
        page = Page.of(error, error.at_server)
        return refusal_page(request, page.leading_to(home, "Back to the app" if home else ""))


def _front_page(url: str) -> str:
    """Of the app at ``redirect_to``. One that isn't at its host's root says where it is."""
    parts = urlsplit(url)
    home = QueryDict(parts.query).get("home", "/")
    path = home if home.endswith("/") and parts.path.startswith(home) else "/"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
