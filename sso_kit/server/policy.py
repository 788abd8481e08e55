"""Who a consumer is, where its tokens may go, and who may enter it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from simple_sso.sso_server.models import Consumer

from .. import defences
from ..defences import Defence
from ..exceptions import OriginRefused
from ..origins import is_loopback, origin_of
from .models import ConsumerPolicy

MAX_REDIRECT_LENGTH = 1023  # characters; as in stock's Token.redirect_to


def find_policy(**lookup: Any) -> ConsumerPolicy | None:
    """The policy of the consumer that fits, with its consumer; none for an unknown one.

    A consumer made without a policy gets the strictest: no origins, no extra data.
    """
    by_consumer = {f"consumer__{name}": value for name, value in lookup.items()}
    policy = ConsumerPolicy.objects.select_related("consumer").filter(**by_consumer).first()
    if policy is None:
        consumer = Consumer.objects.filter(**lookup).first()
        policy = consumer and ConsumerPolicy.objects.get_or_create(consumer=consumer)[0]
    return policy


def check_redirect(policy: ConsumerPolicy, redirect_to: object) -> str:
    """The address, if its origin is registered for the consumer (RFC 9700, 4.1.3).

    While ``DEBUG`` is on, a consumer without any origin may use loopback addresses, so
    that a tutorial's project works as it is.

    Raises:
        OriginRefused: not a URL, too long, or of an unregistered origin.
    """
    if not isinstance(redirect_to, str) or len(redirect_to) > MAX_REDIRECT_LENGTH:
        raise OriginRefused("redirect_to is missing or too long.")
    try:
        origin = origin_of(redirect_to)
    except ValueError as error:
        raise OriginRefused(f"redirect_to: {error}") from error
    if not defences.on(Defence.REGISTERED_ORIGIN) or _registered(policy, origin):
        return redirect_to
    raise OriginRefused(
        f"{origin} is not registered for {policy.consumer.name}. "
        f"Add it: manage.py sso_consumer '{policy.consumer.name}' --origin {origin}"
    )


def _registered(policy: ConsumerPolicy, origin: str) -> bool:
    if policy.origins:
        return origin in {origin_of(registered) for registered in policy.origins}
    return bool(settings.DEBUG) and is_loopback(origin)


def may_enter(policy: ConsumerPolicy, user: Any) -> bool:
    """Whether a person is in one of the groups that the consumer requires."""
    if not policy.restricted or not defences.on(Defence.ACCESS_POLICY):
        return True
    required = policy.required_groups.values("pk")
    return bool(user.groups.filter(pk__in=required).exists())
