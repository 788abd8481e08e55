"""The front channel's server end: ``authorize/``, where the browser gets its access token."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from simple_sso.sso_server.server import AuthorizeView as StockAuthorizeView

from .. import clock, events
from ..clock import Instant
from ..errors import AccessDenied, HandShakeError, LinkDamaged, TokenRefused
from ..events import Step
from ..front_channel import FrontChannelView
from ..messages import dialect_of
from ..origins import origin_of
from ..pages import Page, refusal_page
from ..responses import protect
from . import grants, prompts, sessions
from .log_ins import MAX_TOKEN_LENGTH, request_token_in
from .models import ConsumerPolicy, Prompt
from .policy import find_policy
from .protocol import IdentityServer
from .request_tokens import RequestToken, RequestTokenExpired, read_request_token
from .sessions import Proof


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

    http_method_names = ["get", "post", "options"]
    server: IdentityServer
    request_token: RequestToken | None = None
    policy: ConsumerPolicy | None = None
    token: Token
    refusal: HandShakeError | None = None
    chosen = ""

    @method_decorator(csrf_protect)
    def post(self, request: HttpRequest) -> HttpResponse:
        """The chooser's form: the person goes on as who they are."""
        self.chosen = request.POST.get(prompts.CHOSEN, "")
        request.GET = query = QueryDict(mutable=True)  # type: ignore[assignment]  # as one to read
        query["token"] = request.POST.get("token", "")
        return self.get(request)

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
            return self._other_account() if self._wants_another() else self.access_denied()
        return self._asked(policy) or self.success()

    def _asked(self, policy: ConsumerPolicy) -> HttpResponse | None:
        """What the person has to say first, if anything; see ``prompts``."""
        token, request = self.request_token, self.request
        assert token is not None
        question = prompts.still_to_ask(token, policy, sessions.proof_in(_session_of(request)))
        if not question or (question == Prompt.SELECT_ACCOUNT and self._has_chosen()):
            return None
        if token.passive:
            return self._nobody(token, "interaction_required")
        if question == Prompt.LOG_IN:
            return self.handle_unauthenticated_user()
        events.tell(
            Step.CHOICE_NEEDED,
            details=lambda at: {"token": token.shown(at)},
            handshake=token.reference,
            consumer=policy.consumer.name,
            user=request.user.get_username(),
        )
        page = prompts.chooser(request, policy.consumer.name, self._log_in_url())
        return refusal_page(request, page, form_target=_target_of(token.redirect_to))

    def _has_chosen(self) -> bool:
        """As whom, and that still is who is signed in here."""
        return bool(self.chosen) and self.chosen == self.request.user.get_username()

    def _wants_another(self) -> bool:
        """Whether an account may be chosen here, so that one without access is no dead end."""
        token, policy = self.request_token, self.policy
        if token is None or policy is None or token.passive:
            return False
        return prompts.wanted(token, policy) != Prompt.NOTHING

    def _other_account(self) -> HttpResponse:
        """Somebody who may not enter, where another account may be chosen."""
        token, policy = self.request_token, self.policy
        assert token is not None and policy is not None
        proof = sessions.proof_in(_session_of(self.request))
        if not prompts.still_to_ask(token, policy, proof):
            return self.access_denied()  # they have chosen
        return self.handle_unauthenticated_user()

    def handle_unauthenticated_user(self) -> HttpResponse:
        """Stock's redirect to the log-in form, which comes back here afterwards."""
        events.tell(Step.LOG_IN_NEEDED, details=self._details, handshake=self._reference())
        return HttpResponseRedirect(self._log_in_url())

    def _log_in_url(self) -> str:
        way_back = f"{self.request.path}?{urlencode({'token': self.request.GET['token']})}"
        return f"{self.server.get_login_url()}?{urlencode({'next': way_back})}"

    def success(self) -> HttpResponse:
        """Back to the app, with an access token (stock's hook)."""
        token, policy, user = self.request_token, self.policy, self.request.user
        assert token is not None and policy is not None
        session = _session_of(self.request)
        key = sessions.key_of(session, user)
        return _granted(token, policy, user, key, sessions.proof_in(session))

    def _nobody(self, token: RequestToken, error: str) -> HttpResponse:
        events.tell(
            Step.NOT_SIGNED_IN, details=self._details, handshake=token.reference, code=error
        )
        return _back(token, {"error": error})

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        """The page for a sign-in that ended here."""
        self._tell(error)
        home = _front_page(self.request_token.redirect_to) if self.request_token else ""
        page = Page.of(error, error.at_server)
        return refusal_page(request, page.leading_to(home, "Back to the app" if home else ""))

    def _tell(self, error: HandShakeError) -> None:
        error.reference = self._reference()
        user = self.request.user.get_username() if self.request.user.is_authenticated else ""
        events.tell(
            Step.AUTHORIZE_REFUSED, error, self._details, handshake=error.reference, user=user
        )

    def _reference(self) -> str:
        return self.request_token.reference if self.request_token else ""

    def _details(self, at: Instant) -> dict[str, Any]:
        token = self.request_token
        state = {"signature": "verified", "token": token.shown(at)} if token else {}
        return state or {"signature": "not verified"}


def sign_in_once(
    server: IdentityServer, request: HttpRequest, user: Any, next_url: str, amr: tuple[str, ...]
) -> HttpResponse | None:
    """See ``Server.sign_in_once``."""
    token = request_token_in(next_url)
    if token is None:
        return None
    policy = find_policy(pk=token.consumer_id)
    if policy is None:
        raise TokenRefused("The app that sent you here is no longer registered.")
    if not user.is_active or not server.may_enter(user, policy):
        raise AccessDenied(f"{user.get_username()} may not enter {policy.consumer.name}.")
    proof = Proof(clock.utc().timestamp(), amr)
    response = _granted(token, policy, user, "", proof, alone=True)
    protect(response)
    return response


def _granted(
    token: RequestToken,
    policy: ConsumerPolicy,
    user: Any,
    session: str,
    proof: Proof,
    *,
    alone: bool = False,
) -> HttpResponse:
    """Back to the app with an access token."""
    key = policy.key_named(token.key)
    if key is None:
        raise TokenRefused("The app's key was replaced since this sign-in began.")
    bare = grants.issue(token, user, session, clock.now(), proof, alone=alone)
    events.tell(
        Step.ACCESS_TOKEN_ISSUED,
        details=lambda at: {
            "signature": "verified",
            "token": {**token.shown(at), "state": "used by this"},
            "issued": {"kind": "access token", "limit_s": grants.LIFETIME.total_seconds()},
            "dialect": dialect_of(token.challenge).name,
            "key": token.key,
            "session": "for this app only" if alone else "of this browser",
            "amr": list(proof.amr),
        },
        consumer=policy.consumer.name,
        handshake=token.reference,
        user=user.get_username(),
    )
    signed = dialect_of(token.challenge).sign_access_token(key, bare)
    return _back(token, {"access_token": signed})


def _back(token: RequestToken, parameters: dict[str, str]) -> HttpResponse:
    parts = urlsplit(token.redirect_to)
    query = QueryDict(parts.query, mutable=True)
    for name, value in parameters.items():
        query[name] = value  # in place of what the address may have brought
    return HttpResponseRedirect(
        urlunsplit((parts.scheme, parts.netloc, parts.path, query.urlencode(), ""))
    )


def _session_of(request: HttpRequest) -> Any:
    return getattr(request, "session", None)


def _target_of(url: str) -> str:
    """Origin, as a source in a Content-Security-Policy: with its port only where it has one."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if origin_of(url) else ""


def _front_page(url: str) -> str:
    """Of the app at ``redirect_to``. One that isn't at its host's root says where it is."""
    parts = urlsplit(url)
    home = QueryDict(parts.query).get("home", "/")
    path = home if home.endswith("/") and parts.path.startswith(home) else "/"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
