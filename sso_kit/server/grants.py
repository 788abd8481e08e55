"""Access tokens: issued once, redeemed once, soon, by the one they were issued to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet

from .. import clock, defences
from ..defences import Defence
from ..errors import TokenRefused, TokenSpent
from ..keys import digest, random_token
from ..messages import HARDENED, Dialect, dialect_of
from ..store import server as store
from ..store.server import Kept
from . import sessions
from .housekeeping import purge_now_and_then
from .models import AccessToken, ConsumerPolicy
from .request_tokens import RequestToken
from .sessions import Proof

LIFETIME = timedelta(seconds=60)


def issue(
    request_token: RequestToken,
    user: Any,
    session: str,
    now: datetime,
    proof: Proof | None = None,
    *,
    alone: bool = False,
) -> str:
    """A new access token for a person; only its digest is kept.

    Parameters:
        session: key of the server's session that it is issued in, see ``sessions``.
        proof: when and how the person proved who they are.
        alone: for this app only: there is no such session, and none is missed.

    Raises:
        TokenRefused: the request token has been used before.
    """
    token = random_token()
    is_first = store.add_access_token(
        digest=digest(token),
        request_digest=request_token.digest,
        consumer=request_token.consumer_id,
        user=user.pk,
        challenge=request_token.challenge,
        session=session,
        issued=now,
        proof=str(proof or Proof()),
        alone=alone,
    )
    if not is_first:
        raise TokenRefused("This sign-in link has been used already.")
    purge_now_and_then(now)
    return token


def redeem(
    policy: ConsumerPolicy,
    dialect: Dialect,
    token: object,
    verifier: object,
    now: datetime,
    lifetime: timedelta = LIFETIME,
) -> Kept:
    """Use up an access token. It is spent by the attempt, whether or not the rest fits.

    Parameters:
        policy: of the consumer that asks; a token of another one is unknown to it.
        dialect: that it asks in; a token is for the one that it was issued in.
        verifier: what the browser's secret and the hand-shake's nonce make; the app sends it.
        lifetime: no longer than ``LIFETIME``.

    Raises:
        TokenRefused: unknown, revoked, used, too old, or begun in another browser.
        TokenSpent: redeemed before, by this very hand-shake.
    """
    if not isinstance(token, str) or not token.isascii():
        raise TokenRefused("The access token is missing or garbled.")
    name, consumer = digest(token), policy.consumer_id
    only_unused = defences.on(Defence.SINGLE_USE)
    unspent = store.spend_access_token(name, consumer, now, only_unused=only_unused)
    kept = store.access_token(name, consumer, now, sessions.table())
    if kept is None or not unspent:
        raise _spent(kept, verifier)
    if kept.token.older_than(min(lifetime, LIFETIME), now) and defences.on(Defence.SHORT_LIFE):
        raise TokenRefused("The access token is too old.")
    if dialect is not dialect_of(kept.token.challenge):
        whose = "belongs to another" if kept.token.challenge else "is not bound to a"
        raise _burnt(kept.token, f"The access token {whose} browser.")
    if not dialect.fits(verifier, kept.token.challenge) and defences.on(Defence.SESSION_BINDING):
        raise _burnt(kept.token, "The access token belongs to another browser.")
    return kept


def _spent(kept: Kept | None, verifier: object) -> TokenRefused:
    """One message for all that is gone; who redeemed it before may begin again."""
    was_theirs = (
        kept is not None and not kept.token.burnt and HARDENED.fits(verifier, kept.token.challenge)
    )
    kind = TokenSpent if was_theirs else TokenRefused
    return kind("The access token is unknown, revoked, or has been used already.")


def _burnt(token: AccessToken, reason: str) -> TokenRefused:
    """Refused, and nobody is to get another try."""
    AccessToken.objects.filter(pk=token.pk).update(burnt=True)
    return TokenRefused(reason)


def revoke(tokens: QuerySet[AccessToken]) -> None:
    """Spend those that are unspent."""
    tokens.filter(used=None).update(used=clock.now(), burnt=True)


def revoke_on_logout(sender: object, request: Any, user: Any = None, **_: object) -> None:
    """Signal receiver: who logs out at the server takes unspent access tokens along.

    Those of this browser, where it is known. One that is issued at this very moment is
    found out when it is redeemed: its session is over then (``sessions``).
    """
    if user is None or not user.pk:
        return
    tokens = AccessToken.objects.filter(user_id=user.pk)
    session = sessions.key_of(getattr(request, "session", None), user)
    revoke_with_session(tokens.filter(session__in=["", session]) if session else tokens)


def revoke_with_session(tokens: QuerySet[AccessToken]) -> None:
    """Spend those that are unspent, because what they were issued in is over."""
    if defences.on(Defence.REVOKE_ON_LOGOUT):
        revoke(tokens)
