"""A consumer's new private key, with a time in which the old one still counts.

Stock's ``Consumer.rotate_keys()`` writes to attributes that are no fields: it changes
nothing. The public key stays what it is, a name.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from simple_sso.sso_server.models import Consumer

from ..keys import Key, fingerprint, random_token
from .models import AccessToken
from .policy import find_policy

OVERLAP = timedelta(hours=1)

log = logging.getLogger("sso_kit.server")


def rotate(consumer: Consumer, overlap: timedelta = OVERLAP, *, by: str = "") -> Key:
    """Give a consumer a new key; the old one counts for ``overlap`` longer. ``by`` is logged."""
    new = Key(random_token() + random_token()[:21])  # 64 characters, 384 bits
    policy = find_policy(pk=consumer.pk)
    assert policy is not None
    with transaction.atomic():
        policy.previous_private_key = policy.consumer.private_key
        policy.previous_key_expires = timezone.now() + overlap
        policy.consumer.private_key = consumer.private_key = new
        policy.consumer.save(update_fields=["private_key"])
        policy.save(update_fields=["previous_private_key", "previous_key_expires"])
    log.warning(
        "key rotated",
        extra={
            "consumer": consumer.name,
            "key": fingerprint(new),
            "overlap_s": overlap.total_seconds(),
            "by": by,
        },
    )
    return new


def revoke_key(consumer: Consumer, *, by: str = "") -> Key:
    """Emergency: a new key, the old one dead at once, its unspent tokens with it."""
    new = rotate(consumer, timedelta(0), by=by)
    policy = find_policy(pk=consumer.pk)
    assert policy is not None
    policy.previous_private_key = ""
    policy.previous_key_expires = None
    policy.save(update_fields=["previous_private_key", "previous_key_expires"])
    AccessToken.objects.filter(consumer=consumer, used=None).update(used=timezone.now())
    return new
