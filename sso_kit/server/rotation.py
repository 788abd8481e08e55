"""A consumer's new private key, with a time in which the old one still counts.

Stock's ``Consumer.rotate_keys()`` writes to attributes that are no fields: it changes
nothing. The public key stays what it is, a name.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from simple_sso.sso_server.models import Consumer

from .. import clock, events
from ..events import Step
from ..keys import Key, fingerprint, random_token
from . import grants
from .models import AccessToken, RetiredKey
from .policy import find_policy

OVERLAP = timedelta(hours=1)


@transaction.atomic
def rotate(consumer: Consumer, overlap: timedelta = OVERLAP, *, by: str = "") -> Key:
    """Give a consumer a new key; the old one counts for ``overlap`` longer.

    So does each one that was replaced before, for as long as it was promised then.

    Parameters:
        by: who does it, for the log.
    """
    new = Key(random_token() + random_token()[:21])  # 64 characters, 384 bits
    policy = find_policy(pk=consumer.pk)
    assert policy is not None
    now = clock.now()
    policy.retired_keys.filter(expires__lte=now).delete()
    # Locked: of two who rotate at once, the second retires the key that the first gave out.
    old = Consumer.objects.select_for_update().get(pk=consumer.pk).private_key
    RetiredKey.objects.create(policy=policy, private_key=old, expires=now + overlap)
    policy.consumer.private_key = consumer.private_key = new
    policy.consumer.save(update_fields=["private_key"])
    facts = {
        "consumer": consumer.name,
        "key": fingerprint(new),
        "overlap_s": overlap.total_seconds(),
        "by": by,
    }
    transaction.on_commit(lambda: events.tell(Step.KEY_ROTATED, **facts))
    return new


@transaction.atomic
def revoke_key(consumer: Consumer, *, by: str = "") -> Key:
    """Emergency: a new key, every older one dead at once, the unspent tokens with them."""
    new = rotate(consumer, timedelta(0), by=by)
    RetiredKey.objects.filter(policy__consumer=consumer).delete()
    grants.revoke(AccessToken.objects.filter(consumer=consumer))
    return new
