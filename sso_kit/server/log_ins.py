"""Which hand-shake a person logs in for, by the server's own form, whoever has written that."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, QueryDict, UnreadablePostError
from django.urls import NoReverseMatch

from .. import at_hand, events
from ..errors import HandShakeError, LinkDamaged
from ..events import Step
from ..routes import places
from ..sessions import HOW
from .installed import AUTHORIZE, current_server
from .request_tokens import RequestToken, read_request_token

MAX_TOKEN_LENGTH = 4096  # characters
NEXT = "next"
UNREADABLE = 400  # a form that nobody can read: to try again would only be one line more in the log
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def request_token_in(next_url: str) -> RequestToken | None:
    """The request token of the hand-shake that goes on at an address of this site.

    ``None`` where none does.

    Raises:
        HandShakeError: it is damaged, or too old.
    """
    try:
        parts = urlsplit(next_url)
    except ValueError:  # of no address at all
        return None
    if parts.netloc or not any(place.address == parts.path for place in places(AUTHORIZE)):
        return None
    try:
        query = QueryDict(parts.query)
    except SuspiciousOperation as error:  # thousands of parameters
        raise LinkDamaged("This sign-in link is damaged.") from error
    return read_request_token(query.get("token", "")[:MAX_TOKEN_LENGTH])


def reference_in(request: HttpRequest) -> str:
    """The id of the hand-shake that a request to the log-in form is for, if there is one."""
    try:
        next_url = request.GET.get(NEXT, "")
        if not next_url and request.method == "POST":
            next_url = request.POST.get(NEXT, "")
        token = request_token_in(next_url) if next_url else None
    except (HandShakeError, BadRequest, SuspiciousOperation, UnreadablePostError):
        return ""  # whoever has to read it has said so
    return token.reference if token else ""


def note_log_in(request: HttpRequest, session: Any, user: Any) -> None:
    """Somebody has logged in by the server's own form."""
    reference = reference_in(request)
    session[HOW] = reference or at_hand.id_of(request)
    events.tell(Step.LOGGED_IN, handshake=reference, user=user.get_username())


def note_failure(request: HttpRequest | None = None, **_: object) -> None:
    """Signal receiver. What was typed is nobody's business: it may be a password."""
    if request is not None:
        events.tell(Step.LOG_IN_FAILED, handshake=reference_in(request))


def _place_of_form() -> str:
    """Its path; empty where the project has none."""
    server = current_server()
    try:
        return urlsplit(server.get_login_url()).path if server else ""
    except NoReverseMatch:
        return ""


def note_form(request: HttpRequest, response: HttpResponse) -> None:
    """A request of the log-in form of a hand-shake that has been answered with a page."""
    is_form = request.method == "POST" and request.content_type in FORMS
    if NEXT not in request.META.get("QUERY_STRING", "") and not is_form:
        return
    status = response.status_code
    if 300 <= status < 400 or status == UNREADABLE or status >= 500:
        return
    if request.path != _place_of_form():
        return
    if reference := reference_in(request):
        events.tell(Step.LOG_IN_SHOWN, handshake=reference, status=status)
