"""The front channel's client end: begin a hand-shake, finish it, log out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from simple_sso.sso_client.client import AuthenticateView as StockAuthenticateView
from simple_sso.sso_client.client import LoginView as StockLoginView

from .. import at_hand, clock, defences, events
from ..at_hand import serving
from ..clock import Instant
from ..defences import Defence
from ..errors import (
    AccessDenied,
    HandShakeError,
    MessageRefused,
    NotFresh,
    TokenRefused,
    TokenSpent,
)
from ..events import Step
from ..front_channel import FrontChannelView
from ..keys import reference_of
from ..messages import Person
from ..pages import Page, refusal_page
from ..routes import front_page
from ..session_end import end_with_the_servers
from ..sessions import HOW
from ..shown import short, shown
from . import sessions
from .attributes import said_of
from .handshake import LIFETIME_SECONDS, SIGNED_OUT_SECONDS, HandShake, Wish
from .installed import AUTHENTICATE, LOG_IN, SIGNED_OUT, address_of
from .protocol import RelyingParty
from .redirects import safe_next
from .site import warn_of_another_address
from .under_way import Passage, under_way

MAX_TOKEN_LENGTH = 1024  # characters
PROMPTS = ("select_account", "login")
MOST_DIGITS = 10  # of max_age
SHOWN_OF_ERROR = 40  # characters
MET, MET_SECONDS = "sso_kit_met", 60  # in a session: for which page, and how long that counts
BATCH = "sso_batch"  # on a request: the act that a log-out at the server was
SKIP_CHECK = "sso"  # ?sso=checked on a public page: cookies are off, don't ask again


def begin(
    client: RelyingParty,
    request: HttpRequest,
    wanted: str | None,
    passive: bool = False,
    again: bool = False,
    wish: Wish | None = None,
    began: Callable[[HandShake], None] | None = None,
) -> HttpResponse:
    """Send the browser to the server, with a new hand-shake.

    Parameters:
        wanted: where to end; anything but a path of this site becomes its front page.
        passive: only ask; never show a form.
        again: in place of one that was cut.
        wish: what the person is to be asked there.
        began: called with the hand-shake, once the server has agreed to it.

    Raises:
        HandShakeError: the server refuses to begin, or doesn't answer.
    """
    here = client.site_url(request)
    warn_of_another_address(here, request)
    next_ = safe_next(wanted, here, client.dialect.longest_next)
    handshake = client.handshakes.begin(request, next_, passive, again, wish)
    try:
        with serving(request):
            events.tell(
                Step.BEGUN,
                details=partial(_described, client, handshake),
                handshake=handshake.reference,
                passive=passive,
                again=again,
            )
            response = HttpResponseRedirect(client.authorize_url(handshake, request))
    except HandShakeError as error:
        error.reference = handshake.reference
        raise
    client.handshakes.remember(request, response, handshake)
    if began:
        began(handshake)
    return response


def _described(client: RelyingParty, handshake: HandShake, _: Instant) -> dict[str, Any]:
    """What an app knows of a hand-shake that it began; for ``events``."""
    wish = handshake.wish.asked
    return {
        "dialect": client.dialect.name,
        "next": short(handshake.next),
        "cookie": client.handshakes.cookie_of(handshake.secret),
        **({"wish": shown(wish)} if wish else {}),
        "limit_s": LIFETIME_SECONDS,
    }


class ClientView(FrontChannelView):
    """A view of a client, which ``as_view()`` is given."""

    client: RelyingParty = None  # type: ignore[assignment]  # ``as_view()`` is given it

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        return refused(self.client, request, error)


class LoginView(ClientView, StockLoginView):
    """Begins a hand-shake: ``?next=`` says where to end.

    ``?prompt=`` and ``?max_age=`` say what the person is to be asked; what nobody knows is
    nothing: a link can ask for more, never for less.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        return begin(self.client, request, self.get_next(), wish=self.get_wish())

    def get_wish(self) -> Wish:
        """What the person is to be asked."""
        prompt, max_age = (self.request.GET.get(name, "") for name in ("prompt", "max_age"))
        age = int(max_age) if max_age.isdecimal() and len(max_age) < MOST_DIGITS else None
        return Wish(prompt if prompt in PROMPTS else "", age)

    def get_next(self) -> str:
        """Where to end: a path of this site (stock's hook). What an override says is checked."""
        wanted, here = self.request.GET.get("next"), self.client.site_url(self.request)
        return safe_next(wanted, here, self.client.dialect.longest_next)


class AuthenticateView(LoginView, StockAuthenticateView):
    """Finishes a hand-shake: redeems the access token and logs the person in.

    An override of ``get_next`` has the last word on where they go then; it finds what was
    wanted in ``request.GET["next"]``, as with stock.
    """

    def get(self, request: HttpRequest) -> HttpResponse:
        state = request.GET.get("state", "")
        try:
            return self._finish(request, self.client.handshakes.recall(request, state))
        except HandShakeError as error:
            error.reference = error.reference or reference_of(state)
            raise

    def _finish(self, request: HttpRequest, handshake: HandShake | None) -> HttpResponse:
        if "error" in request.GET:
            return self._not_signed_in(request, handshake)
        token = self._access_token(request)
        if handshake is None and defences.on(Defence.SESSION_BINDING):
            return self._from_elsewhere(request, token)
        if handshake and handshake.is_finished and defences.on(Defence.SINGLE_USE):
            raise TokenRefused("This sign-in has been used already.")
        if handshake and (other := self.client.purpose_of(request, handshake)):
            answer: HttpResponse = other(token)
            return answer
        try:
            with under_way(handshake) as passage:
                return self._sign_in(request, passage, self.client.get_user(token))
        except TokenSpent:
            if handshake is None:
                raise
            return self._once_more(request, handshake)

    def _sign_in(self, request: HttpRequest, passage: Passage, user: Any) -> HttpResponse:
        if user is None or not getattr(user, "is_active", True):  # an overridden hook's
            raise AccessDenied("This app has no account for you that may sign in.")
        handshake = passage.handshake
        check_wish(handshake, passage.person)
        before = request.session.get(sessions.KEY)
        request.sso_vouched_for = True  # type: ignore[attr-defined]  # nothing was proved here
        auth.login(request, user, backend=self.client.backend)
        if passage.person and not self.client.shares_accounts:
            end_with_the_servers(request.session, passage.person.session_expires_in)
            said = said_of(passage.person)
            sessions.begin(request, self.client, passage.person, said, before)
        elif passage.person:
            sessions.note_proof(request, passage.person)
        name = user.get_username()
        if handshake is None:  # in a lab where session binding is off
            request.session[HOW] = at_hand.id_of(request)
            reference = reference_of(request.GET.get("state", ""))
            events.tell(Step.SIGNED_IN, handshake=reference, user=name)
            return HttpResponseRedirect(self.get_next())
        request.session[HOW] = handshake.reference
        events.tell(
            Step.SIGNED_IN,
            details=lambda _: {"next": short(handshake.next)},
            handshake=handshake.reference,
            user=name,
        )
        if handshake.wish.max_age is not None:
            note_met(request, handshake.next)
        _say_next(request, handshake.next)
        response = HttpResponseRedirect(self.get_next())
        self.client.handshakes.finish(request, response, handshake)
        self.client.handshakes.forget_checked(request, response)
        self.client.handshakes.mark_signed_in(request, response)
        return response

    def _once_more(self, request: HttpRequest, handshake: HandShake) -> HttpResponse:
        """The token was redeemed, and the answer never reached this browser: begin again.

        The person is asked for nothing where the server still knows them.
        """
        if handshake.again:
            raise TokenSpent("This sign-in broke off twice.")
        events.tell(Step.CUT, handshake=handshake.reference)
        next_, wish = handshake.next, handshake.wish
        return begin(self.client, request, next_, handshake.passive, again=True, wish=wish)

    def _access_token(self, request: HttpRequest) -> str:
        signed = request.GET.get("access_token", "")
        if not signed or len(signed) > MAX_TOKEN_LENGTH:
            raise MessageRefused(
                "The address lacks the access token that the identity server adds."
            )
        return self.client.consumer.read_access_token(signed)

    def _from_elsewhere(self, request: HttpRequest, token: str) -> HttpResponse:
        """A genuine token in a browser that never asked for it: burn it, log nobody in."""
        try:
            self.client.consumer.redeem({"access_token": token}, "")
        except HandShakeError as error:
            events.tell(Step.FOREIGN_TOKEN_BURNT, reason=str(error))
        if "passive" in request.GET:
            return _unchecked()
        raise TokenRefused(
            "This sign-in was begun in another browser, under another address of this app, or "
            "too long ago."
        )

    def _not_signed_in(self, request: HttpRequest, handshake: HandShake | None) -> HttpResponse:
        """The answer to a passive question: go on as a guest, and don't ask again soon."""
        if handshake is None and "passive" in request.GET:  # cookies are off
            return _unchecked()
        if handshake is None or not handshake.passive:
            raise MessageRefused("This address says that nobody signed in, but nobody asked.")
        error = short(request.GET["error"][:SHOWN_OF_ERROR])
        events.tell(Step.NOBODY_THERE, handshake=handshake.reference, reason=error)
        response = HttpResponseRedirect(handshake.next)
        self.client.handshakes.mark_checked(request, response)
        return response


class LogoutView(ClientView):
    """Ends this app's session, and with ``everywhere`` in the form what the server has of it.

    Without it the server's own goes on, and the page says so. A project's ``LOGOUT_REDIRECT_URL``
    is where people get instead of to that page.
    """

    http_method_names = ["post", "options"]

    @method_decorator(csrf_protect)
    def post(self, request: HttpRequest) -> HttpResponse:
        everywhere = request.POST.get("everywhere", "") not in ("", "0")
        if request.user.is_authenticated:
            events.tell(Step.SIGNED_OUT, user=request.user.get_username())
        told = sessions.leave(request, everywhere=everywhere)
        request.sso_left = True  # type: ignore[attr-defined]  # for the receiver
        auth.logout(request)
        if self.client.shares_accounts:  # it was the server's session as well
            everywhere, told = True, f"signed-out/?of={getattr(request, BATCH, '')}"
        response = HttpResponseRedirect(self._next_page(everywhere, told))
        self.client.handshakes.mark_checked(request, response, SIGNED_OUT_SECONDS)
        self.client.handshakes.forget_signed_in(request, response)
        return response

    def _next_page(self, everywhere: bool, told: str) -> str:
        """What was wanted, and may not have happened, is said in any case."""
        if everywhere:
            untold = f"{address_of(self.client, SIGNED_OUT)}?untold=1"
            return urljoin(self.client.server_url, told) if told else untold
        if settings.LOGOUT_REDIRECT_URL:
            return resolve_url(settings.LOGOUT_REDIRECT_URL)
        return address_of(self.client, SIGNED_OUT)


class SignedOutView(ClientView):
    """Says what is over and what isn't: the next visit is one click from being in again."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return HttpResponseRedirect(front_page())
        elsewhere = self.client.sign_out_url
        title, reason = (
            "You are signed out of this app",
            (
                "The identity server is another matter: while it knows this browser, "
                "whoever uses it next is in again as you with one click, without a password."
            ),
        )
        if "untold" in request.GET:
            title = "You are signed out of this app only"
            reason = (
                "The identity server couldn't say what else you are signed in to from this "
                "browser: it may still know you, and so may other apps."
            )
        page = Page(
            title=title,
            reason=reason,
            advice="On a computer that others use, sign out there too."
            if elsewhere
            else "On a computer that others use, sign out of the identity server too.",
            status=200,
        )
        label = "Sign out there too" if elsewhere else "Front page"
        return refusal_page(request, page.leading_to(elsewhere or front_page(), label))


class TimeLeftView(ClientView):
    """How long somebody's session has left, for a script on the page; POST is a use of it.

    Looking is none. Answers JSON: ``{"signed_in": ..., "seconds_left": ..., "may_stay": ...}``,
    ``seconds_left`` null where nothing is known.
    """

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    @method_decorator(csrf_protect)
    def post(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            sessions.stay(request)
        return self._answer(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        state = sessions.look(request, used=False)
        told = {
            "signed_in": request.user.is_authenticated,
            "seconds_left": int(state.seconds_left) if state else None,
            "may_stay": bool(state and state.may_stay),
        }
        return JsonResponse(told)


def check_wish(handshake: HandShake | None, person: Person | None) -> None:
    """Raise ``NotFresh`` where somebody was to prove who they are, and the answer says no."""
    wish = handshake.wish if handshake else None
    if wish is None or not wish.asked:
        return
    session = person.session if person else None
    age = session.auth_age if session else None
    if (wish.prompt == "login" or wish.max_age is not None) and (
        age is None or not wish.is_met(age, clock.utc().timestamp())
    ):
        raise NotFresh("The identity server doesn't say that you proved just now who you are.")


def note_met(request: HttpRequest, page: str) -> None:
    """Somebody has just proved who they are for a page: they see it, however slow the way is."""
    request.session[MET] = [page, clock.utc().timestamp()]


def was_met(request: HttpRequest) -> bool:
    """Whether that was for this page; true once."""
    page, at = request.session.get(MET) or ("", 0)
    if page != request.get_full_path():
        return False
    del request.session[MET]
    return bool(clock.utc().timestamp() - at < MET_SECONDS)


ENDED_BY_ITSELF = {
    "idle": "It wasn't used for too long.",
    "too-long": "It lasted as long as it may.",
    sessions.UNREACHABLE: "The identity server couldn't be asked for too long whether it stands.",
}


ENDED_ELSEWHERE = "It was ended elsewhere, at the identity server or in another tab."


def has_to_be_told(client: RelyingParty, request: HttpRequest) -> bool:
    """Whether somebody who was signed in until now is to hear why they aren't.

    They never said that they want to go; or a form that was sent is lost with it.
    """
    cause = getattr(request, "sso_ended", None)
    if request.method in ("GET", "HEAD"):
        return cause in ENDED_BY_ITSELF
    return cause is not None or client.handshakes.has_left(request)


def ended_page(client: RelyingParty, request: HttpRequest) -> HttpResponse:
    """Why somebody isn't signed in any more, and the way back to where they were."""
    reason = ENDED_BY_ITSELF.get(getattr(request, "sso_ended", ""), ENDED_ELSEWHERE)
    lost = request.method not in ("GET", "HEAD")
    page = Page(
        title="Your session has ended",
        reason=reason,
        advice="What you sent just now wasn't taken: the page that you come back to has a draft "
        "of it, if it keeps one. Nothing else is lost."
        if lost
        else "Nothing is lost: sign in and go on where you were.",
        status=403,
    )
    return refusal_page(request, page.leading_to(_again(client, request), "Sign in again"))


def _say_next(request: HttpRequest, next_: str) -> None:
    """Where an override of stock's ``get_next`` looks for it: stock's address has it."""
    query = QueryDict(mutable=True)
    query.update({name: request.GET[name] for name in request.GET})
    query["next"] = next_
    request.GET = query  # type: ignore[assignment]  # typed as one that can't be changed


def refused(client: RelyingParty, request: HttpRequest, error: HandShakeError) -> HttpResponse:
    """The page for a hand-shake that ended here, with the way on."""
    with serving(request):
        events.tell(Step.REFUSED, error, handshake=error.reference)
    page = Page.of(error, error.at_app)
    if error.may_be_tried_again:
        page = page.leading_to(_again(client, request), "Sign in again")
    else:
        page = page.leading_to(front_page(), "Front page")
    response = refusal_page(request, page)
    if error.status == 503:
        response["Retry-After"] = "5"
    return response


def _again(client: RelyingParty, request: HttpRequest) -> str:
    """Where another try begins: at the log-in view, if the project has its address."""
    handshake = client.handshakes.recall(request, request.GET.get("state", ""))
    wanted = handshake.next if handshake else request.GET.get("next")
    try:
        log_in, finish = (address_of(client, name) for name in (LOG_IN, AUTHENTICATE))
    except NoReverseMatch:
        return front_page()
    here = front_page() if request.path in (log_in, finish) else request.get_full_path()
    return f"{log_in}?{urlencode({'next': wanted or here})}"


def _unchecked() -> HttpResponse:
    """The front page, for a browser without cookies: it is not to ask again."""
    return HttpResponseRedirect(f"{front_page()}?{SKIP_CHECK}=checked")
