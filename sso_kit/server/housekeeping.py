"""Old access tokens go away by themselves, a small batch now and then.

Every ``EVERY`` issued tokens a process deletes up to ``BATCH`` expired rows, oldest
first, by index: more than come in, so a backlog shrinks, and at a cost that doesn't
depend on how large it is.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from .models import AccessToken
from .request_tokens import LIFETIME as REQUEST_TOKEN_LIFETIME

EVERY = 64
BATCH = 256
# A spent row must outlive its request token, or that could be used a second time.
KEEP = REQUEST_TOKEN_LIFETIME + timedelta(minutes=1)

_issued = itertools.count(1)


def purge_now_and_then(now: datetime) -> None:
    """Called for each token issued; purges at every ``EVERY``-th."""
    if next(_issued) % EVERY == 0:
        purge(BATCH, now)


def purge(limit: int, now: datetime) -> int:
    """Delete up to ``limit`` expired tokens; returns how many went."""
    expired = AccessToken.objects.filter(issued__lt=now - KEEP).order_by("issued")
    batch = list(expired.values_list("pk", flat=True)[:limit])
    return AccessToken.objects.filter(pk__in=batch).delete()[0] if batch else 0
