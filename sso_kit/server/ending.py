"""How sign-ins end: who or what ended which, on the record, and every app is told.

What is to be told is read before anything is deleted, and is carried out after the commit:
``courier`` and ``telling`` say how.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from .. import clock, databases, events
from ..events import Step
from ..keys import new_nonce
from . import acting, courier, grants, sessions
from .installed import current_server
from .models import AccessToken, Ending, Reason, SignIn
from .policy import find_policy
from .sign_ins import microseconds

TELLING = timedelta(seconds=20)  # longer than a try takes: until then nobody else tells


@dataclass(frozen=True)
class Act:
    """What ends sign-ins.

    Attributes:
        by: who does it, if not the person whose they are.
        note: why, in the words of who does it.
        batch: names it; whoever knows the name may see what became of it.
    """

    reason: Reason
    by: str = ""
    note: str = ""
    batch: str = field(default_factory=new_nonce)


def end(sign_ins: Iterable[SignIn], act: Act, told: str = "") -> None:
    """End sign-ins, of which one may be over already: it isn't ended twice.

    Parameters:
        told: ``ref`` of the one whose app knows, because it did it.
    """
    with databases.atomic(SignIn):
        ended = [made for each in sign_ins if (made := _end_one(each, act, told)) is not None]
    pending = [ending.pk for ending in ended if ending.is_pending]
    if pending:
        _after_commit(partial(courier.inform, pending))


def end_session(key: str, act: Act, told: str = "") -> None:
    """End a session of the server, and what was signed in to from it."""
    found = list(_there().filter(session=key).select_related("consumer", "user"))
    sessions.delete(key)
    grants.revoke_with_session(AccessToken.objects.filter(session=key))
    end(found, act, told)
    late = _there().filter(session=key).select_related("consumer", "user")
    end(late, act, told)  # of a hand-shake that was on its last hop
    Ending.objects.using(databases.alias(Ending)).filter(session=key).update(session="")


def end_person(user: Any, act: Act, but: str = "") -> None:
    """End all of somebody's sign-ins, and the sessions that they came from.

    Parameters:
        but: key of the one session that goes on.
    """
    found = _there().filter(user_id=user.pk).select_related("consumer", "user")
    if but:
        found = found.exclude(session=but)
    ended = list(found)
    for key in {sign_in.session for sign_in in ended if sign_in.session}:
        sessions.delete(key)
    tokens = AccessToken.objects.filter(user_id=user.pk)
    grants.revoke_with_session(tokens.exclude(session=but) if but else tokens)
    end(ended, act)


def end_expired(limit: int) -> int:
    """Put on record which have expired; the apps' own sessions ended by then."""
    found = _there().filter(expires__lte=clock.now()).order_by("expires")
    expired = list(found.select_related("consumer", "user")[:limit])
    end(expired, Act(Reason.EXPIRED))
    return len(expired)


def review(sign_ins: QuerySet[SignIn]) -> None:
    """End those whose people may not enter their apps any more, after the commit."""
    keys = list(sign_ins.values_list("pk", flat=True))
    if keys:
        _after_commit(partial(_review, keys, acting.who()))


def _review(keys: list[int], by: str) -> None:
    server = current_server()
    policies: dict[int, Any] = {}
    shut: list[SignIn] = []
    found = _there().filter(pk__in=keys).select_related("consumer", "user")
    for sign_in in found:
        consumer = sign_in.consumer_id
        policies.setdefault(consumer, find_policy(pk=consumer))
        policy = policies[consumer]
        if policy is None or server is None or not server.may_enter(sign_in.user, policy):
            shut.append(sign_in)
    if shut:
        end(shut, Act(Reason.NO_ACCESS, by))


def _end_one(sign_in: SignIn, act: Act, told: str) -> Ending | None:
    if not _there().filter(pk=sign_in.pk).delete()[0]:
        return None
    now, user = clock.now(), sign_in.user
    knows, server = told == sign_in.ref, current_server()
    is_to_be_told = bool(sign_in.tell_at) and not knows and sign_in.expires > now
    subject = server.get_subject(user) if server else str(user.pk)
    ending = Ending.objects.using(databases.alias(Ending)).create(
        batch=act.batch,
        consumer_id=sign_in.consumer_id,
        app=sign_in.consumer.name,
        ref=sign_in.ref,
        session=sign_in.session,
        person=user.get_username(),
        subject=subject,
        began=sign_in.began,
        ended=max(microseconds(), sign_in.began + 1),
        when=now,
        reason=act.reason,
        by=act.by[:255],
        note=act.note[:255],
        tell_at=sign_in.tell_at,
        told=now if knows else None,
        next_try=now + TELLING if is_to_be_told else None,
        until=max(sign_in.expires, now),
    )
    events.tell(
        Step.SIGN_IN_ENDED,
        consumer=ending.app,
        user=ending.person,
        subject=subject,
        cause=str(act.reason),
        by=ending.by,
        batch=act.batch,
    )
    return ending


def _after_commit(work: Any) -> None:
    transaction.on_commit(work, using=databases.alias(SignIn))


def _there() -> QuerySet[SignIn]:
    found: QuerySet[SignIn] = SignIn.objects.using(databases.alias(SignIn))
    return found
