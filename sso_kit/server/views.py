"""The front channel's server end: ``authorize/``, where the browser gets its access token."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from simple_sso.sso_server.server import AuthorizeView as StockAuthorizeView

from ..contrib.bodies import discard
from ..contrib.headers import protect
from ..errors import AccessDenied, HandShakeError, TokenRefused
from ..messages import hardened as wire
from ..messages import stock as legacy
from ..pages import Refusal, refusal_page, wrong_method_page
from . import grants
from . import sessions as log_ins
from .models import ConsumerPolicy
from .policy import find_policy
from .request_tokens import RequestToken, RequestTokenExpired, read_request_token

if TYPE_CHECKING:
    from .server import Server

log = logging.getLogger("sso_kit.server")
MAX_TOKEN_LENGTH = 4096  # characters


class AuthorizeView(StockAuthorizeView):
    """Sends the browser back with an access token, to the log-in form, or away."""

    server: Server
    http_method_names = ["get", "options"]  # no HEAD: a look must not use a token up
    request_token: RequestToken | None = None
    policy: ConsumerPolicy | None = None

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        discard(request)
        protect(response)
        return response

    def http_method_not_allowed(
        self, request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponse:
        return wrong_method_page(request, self._allowed_methods())

    def get(self, request: HttpRequest) -> HttpResponse:
        try:
            self.request_token = self._read_token(request)
            self.policy = find_policy(pk=self.request_token.consumer_id)
            if self.policy is None:
                raise TokenRefused("The app that sent you here is no longer registered.")
            return self._answer(request, self.request_token, self.policy)
        except RequestTokenExpired as error:
            self.request_token = error.token
            return self._refused(request, error)
        except HandShakeError as error:
            return self._refused(request, error)

    def _read_token(self, request: HttpRequest) -> RequestToken:
        signed = request.GET.get("token", "")
        if not signed or len(signed) > MAX_TOKEN_LENGTH:
            missing = TokenRefused("The address lacks the request token of an app.")
            missing.status = 400
            raise missing
        return read_request_token(signed)

    def _answer(
        self, request: HttpRequest, token: RequestToken, policy: ConsumerPolicy
    ) -> HttpResponse:
        if not request.user.is_authenticated:
            if token.passive:
                return self._back(token, {"error": "login_required"})
            return self.handle_unauthenticated_user()
        if not request.user.is_active or not self.server.may_enter(request.user, policy):
            if token.passive:
                return self._back(token, {"error": "access_denied"})
            raise AccessDenied(
                f"{request.user.get_username()} may not enter {policy.consumer.name}."
            )
        return self.success()

    def handle_unauthenticated_user(self) -> HttpResponse:
        """Stock's redirect to the log-in form, which comes back here afterwards."""
        way_back = f"{self.request.path}?{urlencode({'token': self.request.GET['token']})}"
        login_url = self.server.get_login_url()
        return HttpResponseRedirect(f"{login_url}?{urlencode({'next': way_back})}")

    def success(self) -> HttpResponse:
        token, policy = self.request_token, self.policy
        assert token is not None and policy is not None
        key = policy.key_named(token.key)
        if key is None:
            raise TokenRefused("The app's key was replaced since this sign-in began.")
        user = self.request.user
        session = log_ins.key_of(getattr(self.request, "session", None), user)
        bare = grants.issue(token, user, session)
        sign = wire.sign_access_token if token.challenge else legacy.sign_access_token
        log.info(
            "access token issued",
            extra={
                "consumer": policy.consumer.name,
                "handshake": token.reference,
                "user": self.request.user.get_username(),
            },
        )
        return self._back(token, {"access_token": sign(key, bare)})

    def _back(self, token: RequestToken, parameters: dict[str, str]) -> HttpResponse:
        parts = urlsplit(token.redirect_to)
        query = QueryDict(parts.query, mutable=True)
        for name, value in parameters.items():
            query[name] = value  # in place of what the address may have brought
        return HttpResponseRedirect(
            urlunsplit((parts.scheme, parts.netloc, parts.path, query.urlencode(), ""))
        )

    def _refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        token = self.request_token
        reference = token.reference if token else ""
        log.warning(
            "authorize refused",
            extra={"code": error.code, "reason": str(error), "handshake": reference},
        )
        title, advice = _explain(error)
        home = _origin(token.redirect_to) if token else ""
        return refusal_page(
            request,
            Refusal(
                title=title,
                reason=str(error),
                advice=advice,
                status=error.status,
                action_url=home,
                action_label="Back to the app" if home else "",
                reference=reference,
            ),
        )


def _explain(error: HandShakeError) -> tuple[str, str]:
    if isinstance(error, AccessDenied):
        return "You may not enter this app", (
            "Ask whoever runs it to let you in, or sign in as somebody else."
        )
    return "This sign-in can't go on", "Go back to the app and sign in from there."


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
