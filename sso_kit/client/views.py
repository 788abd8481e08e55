"""The front channel's client end: begin a hand-shake, finish it, log out."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.generic import View
from simple_sso.sso_client.client import AuthenticateView as StockAuthenticateView
from simple_sso.sso_client.client import LoginView as StockLoginView

from .. import defences
from ..defences import Defence
from ..exceptions import (
    AccessDenied,
    HandShakeError,
    MessageRefused,
    NameClash,
    ServerUnavailable,
    TokenRefused,
)
from ..headers import protect
from ..pages import Refusal, refusal_page, wrong_method_page
from . import handshake as handshakes
from .handshake import HandShake
from .redirects import safe_next

if TYPE_CHECKING:
    from .client import Client

log = logging.getLogger("sso_kit.client")
MAX_TOKEN_LENGTH = 1024  # characters
SKIP_CHECK = "sso"  # ?sso=checked on a public page: cookies are off, don't ask again


def begin(
    client: Client, request: HttpRequest, wanted: str | None, passive: bool = False
) -> HttpResponse:
    """Send the browser to the server, with a new hand-shake in its cookie.

    Parameters:
        wanted: where to end; anything but a path of this site becomes ``/``.
        passive: only ask; never show a form.

    Raises:
        HandShakeError: the server refuses to begin, or doesn't answer.
    """
    handshake = HandShake.begin(safe_next(wanted, client.site_url(request)), passive)
    response = HttpResponseRedirect(client.authorize_url(handshake, request))
    handshake.remember(request, response, client.authenticate_path)
    log.info("hand-shake begun", extra={"handshake": handshake.reference, "passive": passive})
    return response


class ProtectedView(View):
    """Turns a refused hand-shake into its page, and protects every answer."""

    client: Client

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            response: Any = super().dispatch(request, *args, **kwargs)
        except HandShakeError as error:
            response = refused(request, error)
        protect(response)
        return response  # type: ignore[no-any-return]  # views may stream; these don't

    def http_method_not_allowed(
        self, request: HttpRequest, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        return wrong_method_page(request, [name.upper() for name in self.http_method_names])


class LoginView(ProtectedView, StockLoginView):
    """Begins a hand-shake: ``?next=`` says where to end."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return begin(self.client, request, request.GET.get("next"))


class AuthenticateView(ProtectedView, StockAuthenticateView):
    """Finishes a hand-shake: redeems the access token and logs the person in."""

    http_method_names = ["get", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        handshake = handshakes.recall(request, request.GET.get("state", ""))
        if "error" in request.GET:
            return self._not_signed_in(request, handshake)
        token = self._access_token(request)
        if handshake is None:
            return self._from_elsewhere(request, token)
        user = self.client.get_user(token, handshake.verifier)
        auth.login(request, user, backend=self.client.backend)
        log.info("signed in", extra={"handshake": handshake.reference, "user": user.get_username()})
        response = HttpResponseRedirect(handshake.next)
        self._forget(handshake, response)
        response.delete_cookie(handshakes.CHECKED_COOKIE, samesite="Lax")
        return response

    def _access_token(self, request: HttpRequest) -> str:
        signed = request.GET.get("access_token", "")
        if not signed or len(signed) > MAX_TOKEN_LENGTH:
            raise MessageRefused(
                "The address lacks the access token that the identity server adds."
            )
        return self.client.read_access_token(signed)

    def _from_elsewhere(self, request: HttpRequest, token: str) -> HttpResponse:
        """A genuine token in a browser that never asked for it: burn it, log nobody in."""
        if not defences.on(Defence.SESSION_BINDING):
            auth.login(request, self.client.get_user(token), backend=self.client.backend)
            return HttpResponseRedirect(
                safe_next(request.GET.get("next"), self.client.site_url(request))
            )
        try:
            self.client.verify(token, "")
        except HandShakeError as error:
            log.warning("foreign access token burnt", extra={"reason": str(error)})
        if "passive" in request.GET:
            return HttpResponseRedirect(f"/?{SKIP_CHECK}=checked")
        raise TokenRefused("This sign-in was begun in another browser, or too long ago.")

    def _not_signed_in(self, request: HttpRequest, handshake: HandShake | None) -> HttpResponse:
        """The answer to a passive question: go on as a guest, and don't ask again soon."""
        if handshake is None and "passive" in request.GET:  # cookies are off
            return HttpResponseRedirect(f"/?{SKIP_CHECK}=checked")
        if handshake is None or not handshake.passive:
            raise MessageRefused("This address says that nobody signed in, but nobody asked.")
        response = HttpResponseRedirect(handshake.next)
        self._forget(handshake, response)
        handshakes.mark_checked(request, response)
        return response

    def _forget(self, handshake: HandShake, response: HttpResponse) -> None:
        handshake.forget(response, self.client.authenticate_path)


class LogoutView(ProtectedView):
    """Ends this app's session; the identity server's own goes on."""

    client: Client = None  # type: ignore[assignment]  # as_view() wants the attribute
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        auth.logout(request)
        response = HttpResponseRedirect("/")
        handshakes.mark_checked(request, response, handshakes.SIGNED_OUT_SECONDS)
        return response


def refused(request: HttpRequest, error: HandShakeError) -> HttpResponse:
    """The page for a hand-shake that ended here, with the way on."""
    reference = request.GET.get("state", "")[:10]
    log.warning(
        "hand-shake refused",
        extra={"code": error.code, "reason": str(error), "handshake": reference},
    )
    title, advice = _explain(error)
    again = f"{reverse('simple-sso-login')}?{urlencode({'next': _wanted(request)})}"
    label = "" if isinstance(error, (AccessDenied, NameClash)) else "Sign in again"
    response = refusal_page(
        request,
        Refusal(
            title=title,
            reason=str(error),
            advice=advice,
            status=error.status,
            action_url=again if label else "/",
            action_label=label or "Front page",
            reference=reference,
        ),
    )
    if error.status == 503:
        response["Retry-After"] = "5"
    return response


def _wanted(request: HttpRequest) -> str:
    handshake = handshakes.recall(request, request.GET.get("state", ""))
    if handshake:
        return handshake.next
    return request.GET.get("next") or (
        "/" if request.path.startswith(reverse("simple-sso-login")) else request.get_full_path()
    )


def _explain(error: HandShakeError) -> tuple[str, str]:
    if isinstance(error, ServerUnavailable):
        return "Sign-in is not available right now", (
            "Nothing is lost. Wait a moment, then try again; public pages work meanwhile."
        )
    if isinstance(error, NameClash):
        return "Your name is taken in this app", error.advice
    if isinstance(error, AccessDenied):
        return "You may not enter this app", "Ask whoever runs this app to let you in."
    return "Nobody was signed in", (
        "If you followed a link from somebody, don't trust it. To sign in yourself, begin here."
    )
