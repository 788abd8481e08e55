"""What ends sign-ins without anybody signing out: receivers of Django's own signals.

So that it makes no difference where it is done: a page, the administration, a command.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.http import HttpRequest
from simple_sso.sso_server.models import Consumer

from .. import databases, events
from ..events import Step
from ..store import people
from . import acting, ending, log_ins, sessions
from .ending import Act
from .installed import current_server
from .models import ConsumerPolicy, Reason, SignIn

NOTED = "_sso_kit_noted"  # on a person who is saved: what is about to change
BATCH = "sso_batch"  # on a request: the act that it was
ONES = ("post_add", "post_remove", "post_clear")


def listen() -> None:
    """Connect the receivers, once."""
    policy = ConsumerPolicy
    for signal, receiver, sender in (
        (user_logged_in, signed_in, None),
        (user_logged_out, signed_out, None),
        (user_login_failed, log_ins.note_failure, None),
        (pre_delete, end_with_consumer, Consumer),
        (pre_delete, review_group, Group),
        (post_save, review_policy, policy),
        (m2m_changed, review_required, policy.required_groups.through),
    ):
        signal.connect(receiver, sender=sender, dispatch_uid=f"sso_kit.{receiver.__name__}")
    # A project saves people as what it likes: a proxy, or a model that is derived from theirs.
    for model in apps.get_models():
        if issubclass(model, get_user_model()):
            pre_save.connect(note_change, model, dispatch_uid="sso_kit.note_change")
            post_save.connect(end_after_change, model, dispatch_uid="sso_kit.end_after_change")
            pre_delete.connect(end_before_deletion, model, dispatch_uid="sso_kit.end_deleted")
    if people.has_groups():
        through = get_user_model()._meta.get_field("groups").remote_field.through
        m2m_changed.connect(review_person, through, dispatch_uid="sso_kit.review_person")


def signed_in(request: HttpRequest | None, user: Any, **_: object) -> None:
    """Keep how they proved it; whoever was signed in here before, isn't any more."""
    session = getattr(request, "session", None)
    if request is None or session is None:
        return
    if getattr(request, "sso_vouched_for", False):  # another server saw the proof
        sessions.note_start(session)
    else:
        server = current_server()
        sessions.note_proof(session, server.get_amr(request, user) if server else ())
        log_ins.note_log_in(request, session, user)
    before = getattr(request, "sso_session_before", None)
    if before and before.user != user._meta.pk.value_to_string(user):
        ending.end_session(before.key, Act(Reason.SOMEBODY_ELSE, user.get_username()))


def signed_out(request: HttpRequest | None, user: Any = None, **_: object) -> None:
    """Sent before the session is flushed, so that it can still be named."""
    if user is None or not user.pk or request is None:
        return
    key = sessions.key_of(getattr(request, "session", None), user)
    if key:
        act = Act(Reason.LOG_OUT)
        events.tell(Step.LOGGED_OUT, user=user.get_username(), batch=act.batch)
        setattr(request, BATCH, act.batch)
        ending.end_session(key, act)


def note_change(instance: Any, update_fields: Any = None, **_: object) -> None:
    """Remember what a save changes of what matters here; a save of other fields costs no query."""
    setattr(instance, NOTED, ((), ""))
    fields = [
        name for name in ("password", "is_active") if _is_saved(instance, name, update_fields)
    ]
    if fields and instance.pk:
        there = type(instance)._base_manager.using(databases.alias(type(instance)))
        old = there.filter(pk=instance.pk).values(*fields).first() or {}
        changed = tuple(name for name in fields if old and old[name] != getattr(instance, name))
        if changed:
            # Who does it is known while the old password counts: later, Django's own look at
            # who is signed in would end this browser's session in the middle of a view.
            setattr(instance, NOTED, (changed, acting.who(instance)))


def _is_saved(instance: Any, name: str, update_fields: Any) -> bool:
    is_there = any(field.name == name for field in instance._meta.concrete_fields)
    return is_there and (update_fields is None or name in update_fields)


def end_after_change(instance: Any, **_: object) -> None:
    changed, by = getattr(instance, NOTED, ((), ""))
    if "is_active" in changed and not instance.is_active:
        ending.end_person(instance, Act(Reason.DEACTIVATED, by))
    elif "password" in changed:
        work = partial(_end_the_others, instance, Act(Reason.PASSWORD, by))
        wait = partial(acting.when_answered, work)
        transaction.on_commit(wait, using=databases.alias(type(instance)))


def _end_the_others(person: Any, act: Act, request: HttpRequest | None) -> None:
    """All that was signed in with the password of before.

    When the answer is ready it is known whether this browser's session goes on with the new one
    (``update_session_auth_hash``).
    """
    session = getattr(request, "session", None)
    key = sessions.key_of(session, person)
    goes_on = session is not None and key and sessions.has_same_password(session, person)
    ending.end_person(person, act, but=key if goes_on else "")


def end_before_deletion(instance: Any, **_: object) -> None:
    ending.end_person(instance, Act(Reason.DELETED, acting.who(instance)))


def end_with_consumer(instance: Consumer, **_: object) -> None:
    """It may not ask any more. It isn't told: its key goes with it, and its checks fail."""
    ending.end(_of(consumer=instance), Act(Reason.NO_ACCESS, acting.who()))


def review_person(instance: Any, action: str, reverse: bool, pk_set: Any, **_: object) -> None:
    """Somebody's groups have changed, or a group's people."""
    if action == "pre_clear" and reverse:
        ending.review(_of(user__groups=instance))
    elif action in ONES and not reverse:
        ending.review(_of(user=instance.pk))
    elif action == "post_remove":
        ending.review(_of(user__in=pk_set or ()))


def review_group(instance: Group, **_: object) -> None:
    """It is about to be deleted."""
    ending.review(_of(consumer__policy__required_groups=instance))


def review_policy(instance: ConsumerPolicy, created: bool, **_: object) -> None:
    if not created:
        ending.review(_of(consumer=instance.consumer_id))


def review_required(instance: Any, action: str, reverse: bool, pk_set: Any, **_: object) -> None:
    """Who may enter an app has changed."""
    if action not in ONES:
        return
    if reverse:
        ending.review(_of(consumer__policy__in=pk_set or ()))
    else:
        ending.review(_of(consumer=instance.consumer_id))


def _of(**lookup: Any) -> QuerySet[SignIn]:
    there = databases.written(SignIn).filter(**lookup)
    return there.select_related("consumer", "user").distinct()  # type: ignore[no-any-return]  # unstubbed
