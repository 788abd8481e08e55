"""Register consumers from code: idempotent, and never silently weaker."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import Group
from django.db import transaction
from simple_sso.sso_server.models import Consumer

from .models import ConsumerPolicy, validate_origins


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
    """Make a consumer, or bring its keys' owner up to what is said here.

    An existing consumer keeps a private key that was rotated since: the key is set only
    where the public key changed or the consumer is new.

    Raises:
        ValidationError: an origin that is none.
    """
    validate_origins(list(origins))
    consumer, created = Consumer.objects.get_or_create(
        name=name, defaults={"public_key": public_key, "private_key": private_key}
    )
    if not created and consumer.public_key != public_key:
        consumer.public_key, consumer.private_key = public_key, private_key
        consumer.save()
    policy, _ = ConsumerPolicy.objects.get_or_create(consumer=consumer)
    policy.origins, policy.granted = list(origins), list(granted)
    policy.save(update_fields=["origins", "granted"])
    groups = [Group.objects.get_or_create(name=group)[0] for group in required_groups]
    policy.set_required_groups(groups)
    return consumer
