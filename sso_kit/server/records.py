"""Sign-ins that have expired go on record, and what is on record for long goes away.

In small steps, as ``purging`` has it: every so many sign-ins.
"""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

from .. import purging
from ..purging import BATCH, EVERY
from . import ending
from .models import EndedSession, Ending

KEEP = timedelta(days=90)

_signed_in = itertools.count(1)


def purge_now_and_then(now: datetime) -> None:
    """Called for each sign-in; purges at every ``EVERY``-th."""
    if next(_signed_in) % EVERY == 0:
        purge(BATCH, now)


def purge(limit: int, now: datetime) -> int:
    """End up to ``limit`` sign-ins that have expired, and forget as much of the old record."""
    gone = ending.end_expired(limit)
    gone += purging.purge(Ending.objects.filter(when__lt=now - KEEP), "when", limit)
    return gone + purging.purge(EndedSession.objects.filter(until__lt=now), "until", limit)
