"""Access tokens: issued once, redeemed once, soon, by the one they were issued to."""

from __future__ import annotations

import hmac
import logging
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from .. import defences
from ..defences import Defence
from ..errors import TokenRefused, TokenSpent
from ..keys import challenge_of, digest, random_token
from ..store import rows as statements
from . import sessions as log_ins
from .housekeeping import purge_now_and_then
from .models import AccessToken, ConsumerPolicy
from .request_tokens import RequestToken

LIFETIME = timedelta(seconds=60)

log = logging.getLogger("sso_kit.server")


def issue(request_token: RequestToken, user: Any, session: str = "") -> str:
    """A new access token for a person; only its digest is kept.

    Parameters:
        session: key of the server's session that it is issued in, see ``log_ins``.

    Raises:
        TokenRefused: the request token has been used before.
    """
    token = random_token()
    row = (
        digest(token),
        request_token.digest,
        request_token.consumer_id,
        statements.key_value(get_user_model(), user.pk),
        request_token.challenge,
        session,
        _now(),
        False,
    )
    try:
        with transaction.atomic(statements.database(AccessToken).alias):
            statements.change(AccessToken, _insert(), row)
    except IntegrityError as error:
        raise TokenRefused("This sign-in link has been used already.") from error
    purge_now_and_then()
    return token


def redeem(
    policy: ConsumerPolicy, token: object, verifier: object, *, is_legacy: bool = False
) -> AccessToken:
    """Use up an access token. It is spent by the attempt, whether or not the rest fits.

    Parameters:
        policy: of the consumer that asks; a token of another one is unknown to it.
        verifier: what the browser's cookie held; ``None`` from a stock client.
        is_legacy: asked in stock's format, which has no verifier.

    Raises:
        TokenRefused: unknown, revoked, used, too old, or begun in another browser.
        TokenSpent: redeemed before, by this very hand-shake.
    """
    if not isinstance(token, str) or not token.isascii():
        raise TokenRefused("The access token is missing or garbled.")
    named = [digest(token), policy.consumer_id]
    unspent = statements.change(
        AccessToken, _spend(defences.on(Defence.SINGLE_USE)), [_now(), *named]
    )
    granted = statements.instance(AccessToken, _select(), named)
    if granted is None or not unspent:
        raise _spent(granted, verifier)
    if granted.older_than(LIFETIME, timezone.now()) and defences.on(Defence.SHORT_LIFE):
        raise TokenRefused("The access token is too old.")
    if not _is_of_this_browser(granted, verifier, is_legacy):
        AccessToken.objects.filter(pk=granted.pk).update(burnt=True)
        whose = "belongs to another" if granted.challenge else "is not bound to a"
        raise TokenRefused(f"The access token {whose} browser.")
    return granted


def _spent(granted: AccessToken | None, verifier: object) -> TokenRefused:
    """One message for all that is gone; who redeemed it before may begin again."""
    was_theirs = granted is not None and not granted.burnt and _fits(verifier, granted.challenge)
    kind = TokenSpent if was_theirs else TokenRefused
    return kind("The access token is unknown, revoked, or has been used already.")


def _is_of_this_browser(granted: AccessToken, verifier: object, is_legacy: bool) -> bool:
    """A token without a challenge is for stock's messages, one with for its verifier only."""
    if is_legacy or not granted.challenge:
        return is_legacy and not granted.challenge
    return _fits(verifier, granted.challenge) or not defences.on(Defence.SESSION_BINDING)


def _fits(verifier: object, challenge: str) -> bool:
    return (
        isinstance(verifier, str)
        and verifier.isascii()
        and hmac.compare_digest(challenge_of(verifier).encode(), challenge.encode())
    )


@cache
def _insert() -> str:
    return (
        f"INSERT INTO {statements.table(AccessToken)} "
        "(digest, request_digest, consumer_id, user_id, challenge, session, issued, burnt) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
    )


@cache
def _spend(only_unused: bool) -> str:
    unused = " AND used IS NULL" if only_unused else ""
    return (
        f"UPDATE {statements.table(AccessToken)} SET used = %s "
        f"WHERE digest = %s AND consumer_id = %s{unused}"
    )


@cache
def _select() -> str:
    return f"SELECT * FROM {statements.table(AccessToken)} WHERE digest = %s AND consumer_id = %s"


def _now() -> Any:
    return statements.database(AccessToken).ops.adapt_datetimefield_value(timezone.now())


def revoke(tokens: QuerySet[AccessToken]) -> None:
    """Spend those that are unspent."""
    tokens.filter(used=None).update(used=timezone.now(), burnt=True)


def revoke_on_logout(sender: object, request: Any, user: Any = None, **_: object) -> None:
    """Signal receiver: who logs out at the server takes unspent access tokens along.

    Those of this browser, where it is known. One that is issued at this very moment is
    found out when it is redeemed: its session is over then (``log_ins``).
    """
    if user is None or not user.pk or not defences.on(Defence.REVOKE_ON_LOGOUT):
        return
    tokens = AccessToken.objects.filter(user_id=user.pk)
    session = log_ins.key_of(getattr(request, "session", None), user)
    revoke(tokens.filter(session__in=["", session]) if session else tokens)
