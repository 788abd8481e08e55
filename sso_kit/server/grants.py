"""Access tokens: issued once, redeemed once, soon, by the one they were issued to."""

from __future__ import annotations

import hmac
import logging
from datetime import timedelta
from functools import cache
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from .. import defences, statements
from ..defences import Defence
from ..exceptions import TokenRefused
from ..keys import challenge_of, digest, random_token
from .housekeeping import purge_now_and_then
from .models import AccessToken, ConsumerPolicy
from .request_tokens import RequestToken

LIFETIME = timedelta(seconds=60)

log = logging.getLogger("sso_kit.server")


def issue(request_token: RequestToken, user: Any) -> str:
    """A new access token for a person; only its digest is kept.

    Raises:
        TokenRefused: the request token has been used before.
    """
    token = random_token()
    row = (
        digest(token),
        request_token.digest,
        request_token.consumer_id,
        user.pk,
        request_token.challenge,
        _now(),
    )
    try:
        with transaction.atomic(statements.database(AccessToken).alias):
            statements.change(AccessToken, _insert(), row)
    except IntegrityError as error:
        raise TokenRefused("This sign-in link has been used already.") from error
    purge_now_and_then()
    return token


def redeem(policy: ConsumerPolicy, token: object, verifier: object) -> AccessToken:
    """Use up an access token. It is spent by the attempt, whether or not the rest fits.

    Parameters:
        policy: of the consumer that asks; a token of another one is unknown to it.
        verifier: what the browser's cookie held; ``None`` from a stock client.

    Raises:
        TokenRefused: unknown, used, too old, or begun in another browser.
    """
    if not isinstance(token, str) or not token.isascii():
        raise TokenRefused("The access token is missing or garbled.")
    named = [digest(token), policy.consumer_id]
    if not statements.change(
        AccessToken, _spend(defences.on(Defence.SINGLE_USE)), [_now(), *named]
    ):
        raise TokenRefused("The access token is unknown, revoked, or has been used already.")
    granted = statements.instance(AccessToken, _select(), named)
    assert granted is not None
    if granted.older_than(LIFETIME, timezone.now()) and defences.on(Defence.SHORT_LIFE):
        raise TokenRefused("The access token is too old.")
    _check_browser(policy, granted, verifier)
    return granted


def _check_browser(policy: ConsumerPolicy, granted: AccessToken, verifier: object) -> None:
    if not granted.challenge:
        if not policy.legacy:
            raise TokenRefused("The access token is not bound to a browser.")
        return
    if not defences.on(Defence.SESSION_BINDING):
        return
    fits = (
        isinstance(verifier, str)
        and verifier.isascii()
        and hmac.compare_digest(challenge_of(verifier).encode(), granted.challenge.encode())
    )
    if not fits:
        raise TokenRefused("The access token belongs to another browser.")


@cache
def _insert() -> str:
    return (
        f"INSERT INTO {statements.table(AccessToken)} "
        "(digest, request_digest, consumer_id, user_id, challenge, issued) "
        "VALUES (%s, %s, %s, %s, %s, %s)"
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


def revoke_on_logout(sender: object, user: Any = None, **_: object) -> None:
    """Signal receiver: who logs out at the server takes unspent access tokens along."""
    if user is not None and user.pk and defences.on(Defence.REVOKE_ON_LOGOUT):
        AccessToken.objects.filter(user_id=user.pk, used=None).update(used=timezone.now())
