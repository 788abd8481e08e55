"""Sign-ins: who is signed in at which app, from which session of the server.

A record of its own, made when an access token is redeemed and gone when it is over. What an app
asks about later, and what a log-out tells the apps, goes by it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError

from .. import clock, databases
from ..keys import new_nonce
from ..messages import SignedIn
from ..store import people
from ..store import server as store
from ..store.server import Kept, KeptSignIn
from . import sessions
from .models import ConsumerPolicy, SignIn
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
    expires = end or now + timedelta(seconds=settings.SESSION_COOKIE_AGE)
    if policy.longest_seconds:
        expires = min(expires, now + timedelta(seconds=policy.longest_seconds))
    ref = store.note_sign_in(
        SignIn(
            ref=new_nonce(),
            session=kept.token.session or None,
            consumer_id=policy.consumer_id,
            user_id=kept.user.pk,
            began=began,
            since=now,
            seen=now,
            expires=expires,
            proof=str(proof),
            tell_at=tell_at,
        )
    )
    return SignedIn(
        ref,
        began,
        auth_time=int(proof.at),
        amr=proof.amr,
        idle=policy.idle_seconds,
        lasts=policy.longest_seconds,
    )


def find(policy: ConsumerPolicy, ref: str, now: datetime) -> KeptSignIn | None:
    """A consumer's sign-in, whether or not it still stands."""
    return store.sign_in(ref, policy.consumer_id, now, sessions.table())


def why_over(
    server: IdentityServer, policy: ConsumerPolicy, kept: KeptSignIn, now: datetime
) -> str | None:
    """``models.Reason`` for a sign-in that doesn't stand any more; ``None`` for one that does."""
    user, sign_in = kept.user, kept.sign_in
    if not user.is_active or people.is_hidden(user):
        return "deactivated"
    if not server.may_enter(user, policy):
        return "no-access"
    if sign_in.expires <= now:
        return "expired"
    return None if sign_in.session is None or session_of(kept, now) else "expired"


def session_of(kept: KeptSignIn, now: datetime) -> Found | None:
    """The server's session that a sign-in came from, if that stands."""
    key = kept.sign_in.session or ""
    return sessions.find(key, kept.user, kept.session, now, kept.sign_in.seen) if key else None


def saw(sign_in: SignIn, seen: datetime, end: datetime | None, policy: ConsumerPolicy) -> None:
    """Note what its app says of its use, and a new end of the server's session."""
    latest = max(seen, sign_in.seen)
    expires = end or sign_in.expires
    if policy.longest_seconds:
        began = datetime.fromtimestamp(sign_in.began / 1_000_000, latest.tzinfo)
        expires = min(expires, began + timedelta(seconds=policy.longest_seconds))
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


def at_apps(user: Any) -> Any:
    """Where somebody is signed in now, newest first, with the consumers."""
    found = databases.written(SignIn).filter(user_id=user.pk, expires__gt=clock.now())
    return found.select_related("consumer").order_by("-seen")
