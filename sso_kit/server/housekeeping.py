"""Old access tokens go away by themselves, as ``purging`` has it."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from .. import purging
from ..purging import BATCH, EVERY
from .models import AccessToken
from .request_tokens import LIFETIME as REQUEST_TOKEN_LIFETIME

# A spent row must outlive its request token, or that could be used a second time.
KEEP = REQUEST_TOKEN_LIFETIME + timedelta(minutes=1)

_issued = itertools.count(1)


def purge_now_and_then(now: datetime) -> None:
    """Called for each token issued; purges at every ``EVERY``-th."""
    if next(_issued) % EVERY == 0:
        purge(BATCH, now)


def purge(limit: int, now: datetime) -> int:
    """Delete up to ``limit`` expired tokens; returns how many went."""
    return purging.purge(AccessToken.objects.filter(issued__lt=now - KEEP), "issued", limit)
