"""Who a consumer is, where its tokens may go, and who may enter it."""

from __future__ import annotations

import shlex
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from simple_sso.sso_server.models import Consumer

from .. import defences
from ..defences import Defence
from ..errors import OriginRefused
from ..origins import is_loopback, origin_of
from ..store import rows as statements
from ..store.people import memberships
from .models import ConsumerPolicy

MAX_REDIRECT_LENGTH = 3000  # characters; the way back travels in it
MAX_REDIRECT_LENGTH_AT_STOCK = 1023  # characters; its Token.redirect_to


def find_policy(**lookup: Any) -> ConsumerPolicy | None:
    """The policy of the consumer that fits, with its consumer; none for an unknown one.

    A consumer made without a policy gets the strictest: no origins, no extra data.

    Parameters:
        lookup: one of ``pk`` and ``public_key``, of the consumer.
    """
    ((name, value),) = lookup.items()
    policy = statements.instance(ConsumerPolicy, _POLICY[name](), [value])
    if policy is None:
        return _first_policy(Consumer.objects.filter(**lookup).first())
    row = vars(policy)
    policy.consumer = Consumer(
        policy.consumer_id, row["consumer_name"], row["consumer_private"], row["consumer_public"]
    )
    policy.consumer._state.adding = False
    return policy


def _first_policy(consumer: Consumer | None) -> ConsumerPolicy | None:
    return ConsumerPolicy.objects.get_or_create(consumer=consumer)[0] if consumer else None


def _select_policy(column: str) -> str:
    return (
        "SELECT p.*, c.name AS consumer_name, c.private_key AS consumer_private, "
        "c.public_key AS consumer_public, EXISTS("
        f"SELECT 1 FROM {statements.table(ConsumerPolicy.required_groups.through)} r "
        "WHERE r.consumerpolicy_id = p.id) AS names_groups "
        f"FROM {statements.table(ConsumerPolicy)} p "
        f"JOIN {statements.table(Consumer)} c ON c.id = p.consumer_id WHERE c.{column} = %s"
    )


_POLICY = {
    "pk": cache(lambda: _select_policy("id")),
    "public_key": cache(lambda: _select_policy("public_key")),
}


def check_redirect(
    policy: ConsumerPolicy, redirect_to: object, longest: int = MAX_REDIRECT_LENGTH
) -> str:
    """The address, if it is registered for the consumer (RFC 9700, 4.1.3).

    Scheme, host, port and path are compared exactly, the query is the hand-shake's own.
    Where only an origin is registered, every path of it will do.

    While ``DEBUG`` is on, a consumer without any origin may use loopback addresses, so
    that a tutorial's project works as it is.

    Parameters:
        longest: in characters.

    Raises:
        OriginRefused: not a URL, too long, or not registered.
    """
    if not isinstance(redirect_to, str) or len(redirect_to) > longest:
        raise OriginRefused("redirect_to is missing or too long.")
    try:
        origin = origin_of(redirect_to)
    except ValueError as error:
        raise OriginRefused(f"redirect_to: {error}") from error
    if not defences.on(Defence.REGISTERED_ORIGIN) or _registered(policy, origin, redirect_to):
        return redirect_to
    name, address = policy.consumer.name, origin + urlsplit(redirect_to).path
    raise OriginRefused(
        f"{address} is not registered for {name}. Add it: "
        f"manage.py sso_consumer {shlex.quote(name)} --origin {shlex.quote(address)}"
    )


def _registered(policy: ConsumerPolicy, origin: str, redirect_to: str) -> bool:
    if not policy.origins:
        return bool(settings.DEBUG) and is_loopback(origin)
    path = urlsplit(redirect_to).path
    return any(
        origin_of(registered) == origin and urlsplit(registered).path in ("", "/", path)
        for registered in policy.origins
    )


def may_enter(policy: ConsumerPolicy, user: Any) -> bool:
    """Whether a person is in one of the groups that the consumer requires."""
    if policy.admits_everybody or not defences.on(Defence.ACCESS_POLICY):
        return True
    if not hasattr(get_user_model(), "groups"):
        return False
    named = [statements.key_value(get_user_model(), user.pk), policy.pk]
    return bool(statements.fetch(get_user_model(), _shared_group(), named))


@cache
def _shared_group() -> str:
    """SQL: whether a person is in one of the groups that a policy requires."""
    through, mine = memberships()
    return (
        f"SELECT 1 FROM {statements.table(through)} m "
        f"JOIN {statements.table(ConsumerPolicy.required_groups.through)} r "
        f"ON r.group_id = m.group_id WHERE m.{mine} = %s AND r.consumerpolicy_id = %s LIMIT 1"
    )
