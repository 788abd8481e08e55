"""Who is signed in at this app, and whether that still stands.

``models.AppSession`` is what counts; a session of Django's only names a row of it. A session is
over when the server has said so, when its time is up, when the server, asked now and then, knows
no such sign-in, and when it couldn't be asked for too long.

Reading costs one statement; nothing is written but once in a while.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieStore
from django.http import HttpRequest

from .. import clock, conf, databases, defences, events, purging
from ..defences import Defence
from ..errors import HandShakeError, NotConfigured
from ..events import Step
from ..keys import new_nonce
from ..messages import Person, SignedIn
from ..session_end import lifetime_of
from ..store import client as store
from . import installed
from .models import AppSession, EndedSignIn

KEY = "sso_kit_session"  # in a session of Django's
PROVED = "sso_kit_proved_at"  # likewise, where there is no row
OVER = "sso_over"  # on a request: the row of a session that has just turned out to be over
A_PART = 10  # of the idle time: how late ``seen`` may be
LONGEST_UNSEEN = 60.0  # seconds; likewise
UNREACHABLE = "unreachable"
KEEP = timedelta(days=1)  # a cause, for whoever comes back

_begun = itertools.count(1)


@dataclass(frozen=True)
class State:
    """A session that stands.

    Attributes:
        seconds_left: until it is over if nobody uses it.
        may_stay: whether using it makes that later.
    """

    row: AppSession
    seconds_left: float
    may_stay: bool


class Over(Exception):
    """A session that doesn't stand; ``cause`` is the server's word for why, or one of ours.

    Attributes:
        row: of it, if that is known still.
    """

    def __init__(self, cause: str, row: AppSession | None = None) -> None:
        super().__init__(cause)
        self.cause = cause
        self.row = row


def begin(
    request: HttpRequest,
    client: Any,
    person: Person,
    attributes: Mapping[str, Any],
    before: object = None,
) -> None:
    """Somebody has just been logged in by a hand-shake.

    Parameters:
        attributes: what the server said beyond the profile.
        before: what the browser's session had under ``KEY`` until now.
    """
    signed_in = person.session
    replaced = _there().filter(ref=str(before)).first() if before is not None else None
    if replaced is not None:
        _there().filter(pk=replaced.pk).delete()
        if signed_in is None or replaced.sign_in != signed_in.id:
            _say_left(replaced, everywhere=False)  # of somebody else, or of another session
    if signed_in is None or not signed_in.id:
        request.session.pop(KEY, None)
        return
    now, session = clock.now(), request.session
    end, _ = lifetime_of(session)
    longest = [each for each in (signed_in.lasts, conf.longest_seconds()) if each]
    if longest:
        end = min(end, now + timedelta(seconds=min(longest)))
    idle = [each for each in (signed_in.idle, conf.idle_seconds()) if each]
    row = AppSession(
        ref=new_nonce(),
        key=session.session_key or "",
        client=client.public_key,
        sign_in=signed_in.id,
        issuer=person.issuer,
        began=signed_in.began,
        auth_time=_proved_at(signed_in),
        amr=" ".join(signed_in.amr)[:100],
        attributes=json.dumps(attributes) if attributes else "",
        idle=int(min(idle)) if idle else None,
        ends=end,
        seen=now,
        checked=now,
        asked=now,
    )
    store.add_session(row)
    session[KEY] = row.ref
    purge_now_and_then(now)


def look(request: HttpRequest, *, used: bool = True) -> State | None:
    """Whether somebody's session stands; one that doesn't is taken away.

    Parameters:
        used: whether this is a use of it, so that its idle time begins anew.

    Returns:
        ``None`` where there is none that came from a hand-shake. Where there was one that is
        over now, ``request.sso_ended`` says why.
    """
    known: State | None = getattr(request, "sso_state", None)
    if known is not None:
        return known
    session = getattr(request, "session", None)
    ref = session.get(KEY) if session is not None else None
    if ref is None:
        return None
    try:
        state = _state_of(str(ref), used)
    except Over as over:
        _take_away(request, over)
        return None
    request.sso_state = state  # type: ignore[attr-defined]  # of this request only
    return state


def _state_of(ref: str, used: bool) -> State:
    """Raises ``Over``."""
    now = clock.now()
    found = store.session(ref)
    if found is None:
        raise Over("")
    row, cause = found
    if cause is not None:
        raise Over(cause, row)
    if row.ends <= now:
        raise Over("expired", row)
    left = _idle_left(row, now)
    if left <= 0:
        _there().filter(pk=row.pk).delete()
        _say_left(row, everywhere=False, cause="idle")
        raise Over("idle", row)
    _check(row, now, used)
    if used and (now - row.seen).total_seconds() > _most_unseen(row):
        _there().filter(pk=row.pk).update(seen=now)
        row.seen, left = now, float(row.idle or left)
    until_end = (row.ends - now).total_seconds()
    idle = min(left, float(row.idle)) if row.idle else until_end
    return State(row, min(idle, until_end), idle < until_end)


def _idle_left(row: AppSession, now: datetime) -> float:
    """Seconds; a use that isn't written down yet may have been as late as can be."""
    if row.idle is None:
        return float("inf")
    return row.idle + _most_unseen(row) - (now - row.seen).total_seconds()


def _most_unseen(row: AppSession) -> float:
    return min(LONGEST_UNSEEN, row.idle / A_PART) if row.idle else LONGEST_UNSEEN


def _check(row: AppSession, now: datetime, in_use: bool) -> None:
    """Ask the server now and then; of several requests at once one does.

    Raises:
        Over: it says so, or couldn't say anything for too long. That counts as well where this
            project hasn't got the ``Client`` any more that signed in, so that nobody can ask.
    """
    if not defences.on(Defence.SESSION_CHECK):
        return
    every = timedelta(seconds=conf.check_seconds())
    if now - row.asked < every:
        return
    mine = _there().filter(pk=row.pk, asked=row.asked).update(asked=now)
    if not mine:
        return
    used = max(0, int((now - row.seen).total_seconds()))
    try:
        answer = _asker(row).check_session(row.sign_in, used, in_use=in_use)
    except HandShakeError as error:
        events.tell(Step.NOT_CHECKED, reason=str(error))
        if now - row.checked > every + timedelta(seconds=conf.grace_seconds()):
            raise Over(UNREACHABLE, row) from error
        return
    if not answer.stands:
        note_end(row.client, row.sign_in, row.began + 1, answer.cause)
        raise Over(answer.cause, row)
    ends = min(row.ends, now + timedelta(seconds=answer.seconds_left))
    _there().filter(pk=row.pk).update(checked=now, ends=ends)
    row.checked, row.ends = now, ends


def stay(request: HttpRequest) -> None:
    """Somebody said that they are still there: a use, written down at once."""
    state = look(request, used=False)
    if state is None:
        return
    now, row = clock.now(), state.row
    _there().filter(pk=row.pk).update(seen=now)
    row.seen = now
    until_end = (row.ends - now).total_seconds()
    idle = min(float(row.idle), until_end) if row.idle else until_end
    request.sso_state = State(row, idle, idle < until_end)  # type: ignore[attr-defined]  # as above


def note_end(client: str, sign_in: str, ended: int, cause: str) -> list[AppSession]:
    """A sign-in has ended; the sessions of it that are over by that.

    Parameters:
        client: public key of the ``Client``.
        ended: microseconds since 1970, by the server's clock. What began later goes on, so it
            makes no difference which of two calls comes first, or how often.
    """
    if not defences.on(Defence.ENDED_AT):
        ended = 2**62
    until = clock.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE) + KEEP
    there = EndedSignIn.objects.using(databases.alias(EndedSignIn))
    values = {"ended": ended, "cause": cause[:32], "until": until}
    noted, is_new = there.get_or_create(sign_in=sign_in, client=client, defaults=values)
    if not is_new and noted.ended < ended:
        there.filter(pk=noted.pk, ended__lt=ended).update(**values)
    over = list(_there().filter(sign_in=sign_in, client=client, began__lt=ended))
    for row in over:
        if row.key:
            _delete_session(row.key)
    return over


def leave(request: HttpRequest, *, everywhere: bool = False) -> str:
    """Somebody signs out here: their session's row goes, and the server hears of it.

    Also of one that has just turned out to be over here: it came from a session of the server's
    that may go on.

    Returns:
        where the server says what became of it everywhere, below its URL; empty where it
        couldn't be told, or couldn't say.
    """
    over: AppSession | None = getattr(request, OVER, None)
    session = getattr(request, "session", None)
    ref = session.get(KEY) if session is not None else None
    row = _there().filter(ref=ref).first() if ref else over
    if row is None or (row is over and not everywhere):
        return ""
    _there().filter(pk=row.pk).delete()
    return _say_left(row, everywhere)


def _say_left(row: AppSession, everywhere: bool, cause: str = "") -> str:
    try:
        return str(_asker(row).sign_out(row.sign_in, everywhere, cause))
    except HandShakeError as error:
        events.tell(Step.NOT_CHECKED, reason=str(error))
        return ""


def left_by_itself(request: HttpRequest | None, **_: object) -> None:
    """Signal receiver: signed out by a view that isn't the kit's."""
    session = getattr(request, "session", None)
    if request is not None and session is not None and not getattr(request, "sso_left", False):
        leave(request)


def purge_now_and_then(now: datetime) -> None:
    """Every so often, what is over for long goes away, see ``purging``."""
    if next(_begun) % purging.EVERY == 0:
        purge(purging.BATCH, now)


def purge(limit: int, now: datetime) -> int:
    """Delete up to ``limit`` rows of each kind that nobody needs; returns how many went."""
    sessions = purging.purge(_there().filter(ends__lt=now - KEEP), "ends", limit)
    ended = databases.written(EndedSignIn).filter(until__lt=now)
    return sessions + purging.purge(ended, "until", limit)


def auth_time_of(request: HttpRequest) -> int:
    """When the person proved who they are, second since 1970 by this app's clock; 0: not known."""
    state = look(request)
    known = state.row.auth_time if state else request.session.get(PROVED, 0)
    return int(known)


def note_proof(request: HttpRequest, person: Person) -> None:
    """In a project that is the server, too: there is no ``AppSession`` to keep it in."""
    if person.session is not None:
        request.session[PROVED] = _proved_at(person.session)


def _proved_at(signed_in: SignedIn) -> int:
    """By this app's clock: the two may differ by more than a view puts up with."""
    if not signed_in.auth_time:
        return 0
    return int(clock.utc().timestamp()) - signed_in.auth_age


def _take_away(request: HttpRequest, over: Over) -> None:
    events.tell(Step.SESSION_OVER, cause=over.cause)
    setattr(request, OVER, over.row)
    request.sso_ended = over.cause  # type: ignore[attr-defined]  # for the project's pages
    request.sso_left = True  # type: ignore[attr-defined]  # the server knows, or can't be told
    request.session.flush()
    if hasattr(request, "user"):
        request.user = AnonymousUser()


def _delete_session(key: str) -> None:
    engine: Callable[[str], SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    if not issubclass(cast(type, engine), CookieStore):
        engine(key).delete()


def _asker(row: AppSession) -> Any:
    """What asks the server that a session is from. Raises ``NotConfigured`` where nothing can."""
    for client in installed.clients():
        if client.public_key == row.client:
            return client.consumer
    raise NotConfigured(
        "A session is of a consumer that this project isn't any more.",
        remedy="People sign in again by themselves; after that this line doesn't come back.",
    )


def _there() -> Any:
    return databases.written(AppSession)
