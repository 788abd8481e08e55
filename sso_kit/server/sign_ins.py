"""Sign-ins: who is signed in at which app, from which session of the server.

A record of its own, made when an access token is redeemed and gone when it is over. What an app
asks about later, and what a log-out tells the apps, goes by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from .. import clock, conf, databases
from ..keys import new_nonce
from ..messages import SignedIn
from ..store import people
from ..store import server as store
from ..store.server import Kept, KeptSignIn
from . import sessions
from .models import ConsumerPolicy, Ending, SignIn
from .protocol import IdentityServer
from .sessions import Found, Proof


def microseconds() -> int:
    """Since 1970, by the server's clock: when something began or ended."""
    return int(clock.utc().timestamp() * 1_000_000)


def note(
    policy: ConsumerPolicy, kept: Kept, end: datetime | None, now: datetime, tell_at: str
) -> SignedIn:
    """Keep that somebody is signed in at an app from now on; what the app is told of it.

    Parameters:
        end: of the server's session; ``None`` where it has none, or none that is known.
        tell_at: where the app wants to hear of the end.
    """
    proof, began = Proof.read(kept.token.proof), microseconds()
    session = kept.token.session or None
    idle, lasts = limits(policy, alone=session is None)
    expires = end or now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if lasts:
        expires = min(expires, now + timedelta(seconds=lasts))
    ref = store.note_sign_in(
        SignIn(
            ref=new_nonce(),
            session=session,
            consumer_id=policy.consumer_id,
            user_id=kept.user.pk,
            began=began,
            since=now,
            seen=now,
            expires=expires,
            proof=str(proof),
            tell_at=tell_at,
            mark=sessions.mark_of(kept.user) if session is None else "",
        )
    )
    return SignedIn(ref, began, int(proof.at), amr=proof.amr, idle=idle, lasts=lasts)


def proof_of(kept: Kept) -> SignedIn:
    """For an app that signs nobody in by this: when and how the person proved it, and no more."""
    proof = Proof.read(kept.token.proof)
    return SignedIn("", 0, int(proof.at), amr=proof.amr)


def limits(policy: ConsumerPolicy, *, alone: bool) -> tuple[int | None, int | None]:
    """Seconds that a session at an app may be unused, and may last; ``None``: no limit.

    Parameters:
        alone: there is no session of the server's whose own limits would end it.
    """
    idle, lasts = policy.idle_seconds, policy.longest_seconds
    if not alone:
        return idle, lasts
    return _stricter(idle, conf.idle_seconds()), _stricter(lasts, conf.longest_seconds())


def _stricter(one: int | None, other: float | None) -> int | None:
    return min((int(each) for each in (one, other) if each), default=None)


def find(policy: ConsumerPolicy, ref: str, now: datetime) -> KeptSignIn | None:
    """A consumer's sign-in, whether or not it still stands."""
    return store.sign_in(ref, policy.consumer_id, now, sessions.table())


def judge(
    server: IdentityServer, policy: ConsumerPolicy, kept: KeptSignIn, now: datetime, used: datetime
) -> Found | str | None:
    """Of a sign-in: the session that it came from, or why it is over (``models.Reason``).

    Parameters:
        used: when it was, at the latest.

    Returns:
        ``None`` where it stands without a session.
    """
    user, sign_in = kept.user, kept.sign_in
    if not user.is_active or people.is_hidden(user):
        return "deactivated"
    if not server.may_enter(user, policy):
        return "no-access"
    if sign_in.expires <= now:
        return "expired"
    if sign_in.session is None:
        return None if sessions.has_same_mark(sign_in.mark, user) else "password"
    return sessions.find(sign_in.session, user, kept.session, now, used)


def saw(sign_in: SignIn, seen: datetime, end: datetime | None, policy: ConsumerPolicy) -> None:
    """Note what its app says of its use, and a new end of the server's session."""
    latest = max(seen, sign_in.seen)
    expires = end or sign_in.expires
    _, lasts = limits(policy, alone=sign_in.session is None)
    if lasts:
        began = datetime.fromtimestamp(sign_in.began / 1_000_000, latest.tzinfo)
        expires = min(expires, began + timedelta(seconds=lasts))
    if (latest, expires) != (sign_in.seen, sign_in.expires):
        there = databases.written(SignIn).filter(pk=sign_in.pk)
        there.update(seen=latest, expires=expires)


def move(old: str, new: str) -> None:
    """The server's session has another key now: a log-in again, another password."""
    for sign_in in databases.written(SignIn).filter(session=old):
        there = databases.written(SignIn).filter(pk=sign_in.pk)
        try:
            with databases.atomic(SignIn):
                there.update(session=new)
        except IntegrityError:  # the app has signed in from the new one already
            continue
    databases.written(Ending).filter(session=old).update(session=new)


def at_apps(user: Any) -> Any:
    """Where somebody is signed in now, newest first, with the consumers."""
    found = databases.written(SignIn).filter(user_id=user.pk, expires__gt=clock.now())
    return found.select_related("consumer").order_by("-seen")
