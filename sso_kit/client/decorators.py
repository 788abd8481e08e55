"""Views that need, or would like to have, somebody signed in: functions, methods, async ones.

``client`` says which one signs people in, where a project has several; else it is the last
one whose URLs it includes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from inspect import isawaitable
from typing import Any, TypeVar, overload

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views import View as ClassBasedView

from .. import clock, events
from ..errors import HandShakeError
from ..events import Step
from ..requests import header
from ..responses import protect
from . import sessions
from .handshake import Wish
from .installed import current_client
from .protocol import RelyingParty
from .views import PROMPTS, SKIP_CHECK, begin, ended_page, has_to_be_told, refused, was_met

View = TypeVar("View", bound=Callable[..., Any])
SECONDS_AFTER_FAILURE = 30


@overload
def login_required(
    view: View,
    *,
    client: RelyingParty | None = None,
    prompt: str = "",
    max_age: int | None = None,
) -> View: ...
@overload
def login_required(
    *, client: RelyingParty | None = None, prompt: str = "", max_age: int | None = None
) -> Callable[[View], View]: ...
def login_required(
    view: Any = None,
    *,
    client: RelyingParty | None = None,
    prompt: str = "",
    max_age: int | None = None,
) -> Any:
    """Begin a hand-shake for a visitor who isn't signed in; path and query are kept.

    Django's own decorator would redirect to the login view first, a hop more. A form that was
    sent is not sent again, as with Django's: its page is shown.

    Parameters:
        prompt: what such a visitor is asked at the server, also where it knows them:
            ``"select_account"`` or ``"login"``.
        max_age: seconds since a person proved who they are that this view puts up with, of those
            who are signed in as well. The server's answer is checked.
    """
    if prompt not in ("", *PROMPTS):
        raise ValueError(f'prompt is "{PROMPTS[0]}" or "{PROMPTS[1]}"')
    return _decorated(view, Door(client, Wish(prompt, max_age)))


@overload
def passive_login(view: View, *, client: RelyingParty | None = None) -> View: ...
@overload
def passive_login(*, client: RelyingParty) -> Callable[[View], View]: ...
def passive_login(view: Any = None, *, client: RelyingParty | None = None) -> Any:
    """Ask the server once, silently, whether the visitor of a public page is signed in.

    As ``prompt=none`` in OpenID Connect (Core, section 3.1.2.1): never a form, never a
    loop. The answer "no" is remembered for five minutes, a log-out for twelve hours. Who has
    left in another way, by a project's own log-out, isn't asked about while the session that
    they had would have lasted.
    """
    return _decorated(view, Window(client))


class Door:
    """What stands before a view: who isn't signed in gets its answer instead."""

    def __init__(self, client: RelyingParty | None, wish: Wish | None = None) -> None:
        self._client = client
        self.wish = wish or Wish()

    @property
    def client(self) -> RelyingParty:
        return self._client or current_client()

    def concerns(self, request: HttpRequest) -> bool:
        """Whether it matters here if somebody is signed in."""
        return True

    def lets_in(self, request: HttpRequest) -> bool:
        """Whether somebody is signed in, and has proved who they are lately enough."""
        sessions.look(request)
        if not request.user.is_authenticated:
            return False
        if self.wish.max_age is None or was_met(request):
            return True
        age = clock.utc().timestamp() - sessions.auth_time_of(request)
        return age <= self.wish.max_age

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        """To a visitor who isn't; ``None`` lets them see the page all the same."""
        if has_to_be_told(self.client, request):
            return ended_page(self.client, request)
        try:
            return begin(self.client, request, request.get_full_path(), wish=self.wish)
        except HandShakeError as error:
            return refused(self.client, request, error)

    def note(self, request: HttpRequest, page: HttpResponse) -> None:
        """The page that such a visitor saw."""


class Window(Door):
    """For a person's own look at the page, and only once in a while."""

    def concerns(self, request: HttpRequest) -> bool:
        handshakes = self.client.handshakes
        return (
            self.client.dialect.asks_silently
            and request.method == "GET"
            and not handshakes.was_checked(request)
            and not handshakes.has_left(request)
            and SKIP_CHECK not in request.GET
            and "text/html" in (header(request, "Accept") or "")
            and header(request, "Sec-Fetch-Dest") in (None, "document")
            and "prefetch" not in (header(request, "Sec-Purpose") or "")
        )

    def answer(self, request: HttpRequest) -> HttpResponse | None:
        try:
            return begin(self.client, request, request.get_full_path(), passive=True)
        except HandShakeError as error:
            if error.level >= events.ERROR:  # else the page does without, and nobody need know
                events.tell(Step.REFUSED, error)
            return None

    def note(self, request: HttpRequest, page: HttpResponse) -> None:
        self.client.handshakes.mark_checked(request, page, SECONDS_AFTER_FAILURE)


def _decorated(view: Any, door: Door) -> Any:
    if view is None:
        return partial(_decorated, door=door)
    guarded = _guard_async(view, door) if _is_async(view) else _guard(view, door)
    # Who may see it, and what happens to the others, is decided here.
    return login_not_required(wraps(view)(guarded))


def _guard(view: Callable[..., HttpResponse], door: Door) -> Callable[..., HttpResponse]:
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not door.concerns(request) or door.lets_in(request):
            return view(request, *args, **kwargs)
        answer = door.answer(request)
        if answer is None:
            page = view(request, *args, **kwargs)
            door.note(request, page)
            return page
        protect(answer)
        return answer

    return guarded


def _guard_async(view: Callable[..., Any], door: Door) -> Callable[..., Any]:
    """The same; a hand-shake begins with a call that waits, so in a thread."""

    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not door.concerns(request) or await sync_to_async(door.lets_in)(request):
            return await _awaited(view(request, *args, **kwargs))
        answer = await sync_to_async(door.answer)(request)
        if answer is None:
            page = await _awaited(view(request, *args, **kwargs))
            door.note(request, page)
            return page
        protect(answer)
        return answer

    return guarded


async def _awaited(page: Any) -> HttpResponse:
    """A page that a middleware or another decorator has ready is none to wait for."""
    response: HttpResponse = await page if isawaitable(page) else page
    return response


def _is_async(view: Any) -> bool:
    """Also for the method of an async class-based view, as ``method_decorator`` hands it on."""
    if iscoroutinefunction(view):
        return True
    while view is not None:
        owner = getattr(getattr(view, "func", None), "__self__", None)
        if isinstance(owner, ClassBasedView):
            return owner.view_is_async
        view = getattr(view, "__wrapped__", None)
    return False
