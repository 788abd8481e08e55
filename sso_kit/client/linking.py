"""A local account and somebody's identity at the server, linked and unlinked by who has both.

Nothing is done by a match of names. Who is signed in by the account's own password types that
password again, proves at the server who they are there (``prompt=login``), comes back in the same
browser and session, reads both names, and says yes. Unlinking takes both proofs as well, and an
account that nobody could get into afterwards isn't unlinked.

Each step is remembered in the session of this app, under the nonce of the hand-shake that it began:
one that somebody else began, or that was begun to sign in, links nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters

from .. import clock, conf, databases
from ..errors import MessageRefused, NotFresh, NotLinked
from ..pages import Button, Page, refusal_page
from ..routes import front_page
from . import under_way
from .accounts import adoption
from .accounts.names import name_field
from .handshake import HandShake, Wish
from .installed import LINK, address_of
from .models import Identity
from .protocol import RelyingParty
from .views import ClientView, begin, check_wish

ASKED, PROVED = "sso_kit_link_asked", "sso_kit_link_proved"  # in a session
LIFETIME = 600  # seconds from the password to the last yes
MOST_TRIES = 5  # wrong passwords in a session
TRIES = "sso_kit_link_tries"
LINKS, UNLINKS = "link", "unlink"


class LinkView(ClientView):
    """POST with ``password`` and ``what`` (``link`` or ``unlink``) begins it, GET asks for the yes.

    Where nobody is signed in by a password of this app's own, there is nothing to link.
    """

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        proved = _current(request, PROVED)
        here, there = request.user.get_username(), proved["name"]
        links = proved["what"] == LINKS
        verb = "Link them" if links else "Unlink them"
        page = Page(
            title="Are both yours?" if links else "Unlink the two?",
            reason=f"In this app you are {here}. The identity server says that you are {there} "
            "there.",
            advice=f"Linked, whoever signs in as {there} is {here} in this app."
            if links
            else f"Unlinked, signing in as {there} doesn't lead to {here} any more; the password "
            "of this app does.",
            status=200,
            buttons=(Button(request.path, verb, (("yes", proved["nonce"]),)),),
        )
        return refusal_page(request, page.leading_to(front_page(), "Leave it as it is"))

    @method_decorator(sensitive_post_parameters("password"))
    @method_decorator(csrf_protect)
    def post(self, request: HttpRequest) -> HttpResponse:
        if "yes" in request.POST:
            return self._done(request)
        what = request.POST.get("what", "")
        if what not in (LINKS, UNLINKS):
            raise MessageRefused("Say what is to be done: link, or unlink.")
        _demand_password(request)
        if what == UNLINKS and _identity_of(request.user) is None:
            raise MessageRefused("This account isn't linked to anybody.")
        request.session.pop(PROVED, None)

        def remember(handshake: HandShake) -> None:
            request.session[ASKED] = {
                "nonce": handshake.nonce,
                "what": what,
                "user": str(request.user.pk),
                "at": clock.utc().timestamp(),
            }

        here = address_of(self.client, LINK)
        return begin(self.client, request, here, wish=Wish("login"), began=remember)

    def _done(self, request: HttpRequest) -> HttpResponse:
        proved = _current(request, PROVED)
        if request.POST["yes"] != proved["nonce"]:
            raise MessageRefused("That was about another try; begin again.")
        del request.session[PROVED]
        user, by = request.user, request.user.get_username()
        if proved["what"] == UNLINKS:
            identity = _identity_of(user)
            if identity is not None:
                adoption.unlink(identity, by=by)
            said = f"{by} is not linked to {proved['name']} any more."
        else:
            _link(user, proved["issuer"], proved["subject"], by)
            said = f"Signing in as {proved['name']} leads to {by} from now on."
        page = Page("Done", said, "Nothing else has changed.", 200)
        return refusal_page(request, page.leading_to(front_page(), "Front page"))


def is_asked_by(request: HttpRequest, handshake: HandShake) -> bool:
    """Whether a hand-shake is one of these, begun in this very session."""
    asked = request.session.get(ASKED)
    return isinstance(asked, dict) and asked.get("nonce") == handshake.nonce


def proved(
    client: RelyingParty, request: HttpRequest, handshake: HandShake, redeem: Callable[[], object]
) -> HttpResponse:
    """The person has come back from the server: remember who they are there. Nobody is signed in.

    Raises:
        HandShakeError: they aren't who they were to be, or the account isn't the one any more.
    """
    asked = _current(request, ASKED)
    del request.session[ASKED]
    with under_way.under_way(handshake) as passage:
        redeem()
    person = passage.person
    if person is None:
        raise MessageRefused("The identity server did not say who this is.")
    check_wish(handshake, person)
    issuer = client.accounts.server.confirm(person.issuer)
    identity = _identity_of(request.user)
    if asked["what"] == UNLINKS:
        if identity is None or (identity.issuer, identity.subject) != (issuer, person.subject):
            raise NotLinked("You signed in as somebody else than this account is linked to.")
    elif identity is not None and (identity.issuer, identity.subject) != (issuer, person.subject):
        raise NotLinked("This account is linked to somebody else already.")
    else:
        _demand_free(request.user, issuer, person.subject)
    request.session[PROVED] = asked | {
        "issuer": issuer,
        "subject": person.subject,
        "name": str(person.profile.get(name_field()) or person.subject),
    }
    return HttpResponseRedirect(address_of(client, LINK))


def _current(request: HttpRequest, name: str) -> dict[str, Any]:
    """What this session remembers of a step, of this account, and not from long ago."""
    if not request.user.is_authenticated:
        raise NotLinked("Sign in first, with the password of this app.")
    found = request.session.get(name)
    if not isinstance(found, dict) or found.get("user") != str(request.user.pk):
        raise MessageRefused("Nothing was begun here; type your password to begin.")
    if clock.utc().timestamp() - found["at"] > LIFETIME:
        raise NotFresh("That was begun too long ago.")
    return found


def _demand_password(request: HttpRequest) -> None:
    """Whoever is signed in types the password of this app again."""
    user = request.user
    if conf.users_in_cache() or not user.is_authenticated or not user.has_usable_password():
        raise NotLinked("Only an account with a password of this app's own can do that.")
    tries = request.session.get(TRIES, 0)
    if tries >= MOST_TRIES:
        raise NotLinked("There were too many wrong passwords: sign out, and in again.")
    if not user.check_password(request.POST.get("password", "")):
        request.session[TRIES] = tries + 1
        raise NotLinked("That is not this account's password.")
    request.session.pop(TRIES, None)


def _demand_free(user: Any, issuer: str, subject: str) -> None:
    taken = databases.written(Identity).filter(issuer=issuer, subject=subject).first()
    if taken is not None and taken.user_id != user.pk:
        raise NotLinked(
            "That identity has an account of its own in this app. Whoever runs the app can say "
            "which of the two is to stay."
        )


def _link(user: Any, issuer: str, subject: str, by: str) -> None:
    _demand_free(user, issuer, subject)
    try:
        adoption.link(user, issuer, subject, by=by)
    except IntegrityError as error:
        raise NotLinked("That identity was linked to another account just now.") from error


def _identity_of(user: Any) -> Identity | None:
    found: Identity | None = databases.written(Identity).filter(user=user).first()
    return found
