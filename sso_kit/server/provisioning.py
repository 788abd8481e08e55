"""Register consumers from code: made once, and overwritten only where that is asked for."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import Group
from django.db import transaction
from simple_sso.sso_server.models import Consumer

from .models import ConsumerPolicy, validate_origins


def find_consumer(name: str, public_key: str) -> Consumer | None:
    """The consumer with this public key, whatever it is called now, or of this name."""
    by_key = Consumer.objects.filter(public_key=public_key)
    return by_key.first() or Consumer.objects.filter(name=name).first()


@transaction.atomic
def ensure_consumer(
    name: str,
    public_key: str,
    private_key: str,
    *,
    origins: Sequence[str],
    granted: Sequence[str] = (),
    required_groups: Sequence[str] = (),
) -> Consumer:
    """Make a consumer. One that is there stays as it is: it is its administrators' now.

    Raises:
        ValidationError: an origin that is none.
    """
    validate_origins(list(origins))
    found = find_consumer(name, public_key)
    if found is not None:
        return found
    return overwrite_consumer(
        Consumer(),
        name,
        public_key,
        private_key,
        origins=origins,
        granted=granted,
        required_groups=required_groups,
    )


@transaction.atomic
def overwrite_consumer(
    consumer: Consumer,
    name: str,
    public_key: str,
    private_key: str,
    *,
    origins: Sequence[str],
    granted: Sequence[str] = (),
    required_groups: Sequence[str] = (),
) -> Consumer:
    """Make a consumer what is said here and nothing more, whatever it was.

    Another private key counts at once and alone. The legacy mark is taken off.

    Raises:
        ValidationError: an origin that is none, or another consumer has the name or a key.
    """
    validate_origins(list(origins))
    new_key = consumer.private_key != private_key
    consumer.name, consumer.public_key, consumer.private_key = name, public_key, private_key
    consumer.full_clean()
    consumer.save()
    policy, _ = ConsumerPolicy.objects.get_or_create(consumer=consumer)
    policy.origins, policy.granted, policy.legacy = list(origins), list(granted), False
    policy.save()
    if new_key:
        policy.retired_keys.all().delete()
    policy.set_required_groups(
        [Group.objects.get_or_create(name=group)[0] for group in required_groups]
    )
    return consumer
