"""Who a consumer is, and where its tokens may go."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from simple_sso.sso_server.models import Consumer

from .. import commands, defences
from ..defences import Defence
from ..errors import OriginRefused
from ..origins import is_out_of_public_reach, origin_of
from ..store import server as store
from .models import ConsumerPolicy

LONGEST_ADDRESS = 255  # characters


def find_policy(**lookup: Any) -> ConsumerPolicy | None:
    """The policy of the consumer that fits, with its consumer; none for an unknown one.

    A consumer made without a policy gets the strictest: no origins, no extra data.

    Parameters:
        lookup: one of ``pk`` and ``public_key``, of the consumer.
    """
    policy = store.policy_of(**lookup)
    if policy is None:
        consumer = Consumer.objects.filter(**lookup).first()
        policy = ConsumerPolicy.objects.get_or_create(consumer=consumer)[0] if consumer else None
    return policy


def check_redirect(policy: ConsumerPolicy, redirect_to: object, longest: int) -> str:
    """The address, if it is registered for the consumer (RFC 9700, 4.1.3).

    Scheme, host, port and path are compared exactly, the query is the hand-shake's own.
    Where only an origin is registered, every path of it will do.

    While ``DEBUG`` is on, a consumer without any origin may use addresses that no stranger
    can get hold of, so that a project in development works as it is: this machine, the own
    network. See ``origins.is_out_of_public_reach`` for which, and why no others.

    Parameters:
        longest: in characters, as the dialect has it.

    Raises:
        OriginRefused: not a URL, too long, or not registered.
    """
    if not isinstance(redirect_to, str) or len(redirect_to) > longest:
        raise OriginRefused("redirect_to is missing or too long.")
    try:
        origin = origin_of(redirect_to)
    except ValueError as error:
        raise OriginRefused(f"redirect_to: {error}") from error
    if _registered(policy, origin, redirect_to) or not defences.on(Defence.REGISTERED_ORIGIN):
        return redirect_to
    name, address = policy.consumer.name, origin + urlsplit(redirect_to).path
    add = commands.to_run("sso_consumer", name, "--origin", address)
    # Once in the sentence: an app takes what is long for some proxy's page.
    raise OriginRefused(f"This app's address is not registered for {name}. Add it: {add}")


def check_origin(policy: ConsumerPolicy, address: object) -> str:
    """An address of the app that the server is to call; empty where it is none of its own.

    Where only whole addresses are registered, their origins are the app's. A sign-in is no worse
    without it: the app asks by itself.
    """
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        return ""
    try:
        origin = origin_of(address)
    except ValueError:
        return ""
    known = [origin_of(registered) for registered in policy.origins]
    if origin in known or (not known and _registered(policy, origin, address)):
        return address
    return ""


def _registered(policy: ConsumerPolicy, origin: str, redirect_to: str) -> bool:
    if not policy.origins:
        return bool(settings.DEBUG) and is_out_of_public_reach(origin)
    path = urlsplit(redirect_to).path
    return any(
        origin_of(registered) == origin and urlsplit(registered).path in ("", "/", path)
        for registered in policy.origins
    )
