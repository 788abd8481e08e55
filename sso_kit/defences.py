"""The switchable defences: what each one stops, and the functions that enforce it.

There, and nowhere else, ``defences.on(Defence.X)`` is asked; a test holds them to the names
given here. A workshop switches one off to see the attack work:

    SSO_KIT = {"LAB_MODE": True, "DEFENCES_OFF": ["session-binding"]}

``manage.py check`` reports an error, and the setting is refused, outside lab mode.
"""

from __future__ import annotations

from enum import StrEnum

from django.core.exceptions import ImproperlyConfigured

from . import conf


class Defence(StrEnum):
    """A defence's name, the attack that it stops, and who enforces it, from ``sso_kit`` on."""

    stops: str
    enforced_by: tuple[str, ...]

    def __new__(cls, name: str, stops: str, *enforced_by: str) -> Defence:
        member = str.__new__(cls, name)
        member._value_ = name
        member.stops, member.enforced_by = stops, enforced_by
        return member

    ANSWER_BINDING = (
        "answer-binding",
        "a recorded answer given to another question",
        "messages.hardened.HardenedDialect.read_answer",
    )
    FRESHNESS = (
        "freshness",
        "an old message sent again",
        "messages.dialect.check_fresh",
    )
    REGISTERED_ORIGIN = (
        "registered-origin",
        "tokens sent to a stranger's address",
        "server.policy.check_redirect",
    )
    SINGLE_USE = (
        "single-use",
        "an access token used twice",
        "server.grants.redeem",
        "client.views.AuthenticateView._finish",
    )
    SHORT_LIFE = (
        "short-life",
        "an access token found later",
        "server.grants.redeem",
    )
    REVOKE_ON_LOGOUT = (
        "revoke-on-logout",
        "an access token that outlives the log-in",
        "server.grants.revoke_with_session",
        "server.providers.VerificationProvider.provide",
    )
    SESSION_BINDING = (
        "session-binding",
        "somebody else's link: log-in CSRF, session swapping, a stolen token",
        "client.views.AuthenticateView._finish",
        "server.grants.redeem",
    )
    SAFE_NEXT = (
        "safe-next",
        "an open redirect after log-in",
        "client.redirects.safe_next",
    )
    SUBJECT_IDENTITY = (
        "subject-identity",
        "take-over of an account by an equal name",
        "client.accounts.accounts.Accounts._known",
    )
    ACCESS_POLICY = (
        "access-policy",
        "people who may not enter an app",
        "server.directory.may_enter",
    )
    LOG_OUT_CALLS = (
        "log-out-calls",
        "an app's session that outlives the log-out at the server",
        "server.telling.inform",
    )
    LOG_OUT_SIGNATURE = (
        "log-out-signature",
        "a stranger who ends people's sessions",
        "client.ended.SessionEndedView._read",
    )
    ENDED_AT = (
        "ended-at",
        "an old log-out call that ends a later session",
        "client.sessions.note_end",
    )
    SESSION_CHECK = (
        "session-check",
        "an app that was never told of a log-out",
        "client.sessions._check",
    )


def on(defence: Defence) -> bool:
    """Whether a defence is active. Raises ``ImproperlyConfigured`` on a refused setting."""
    off = conf.defences_off()
    if not off:
        return True
    problem = refused_setting()
    if problem:
        raise ImproperlyConfigured(problem)
    return defence not in off


def refused_setting() -> str | None:
    """What is wrong with ``SSO_KIT["DEFENCES_OFF"]``, or ``None``."""
    off = set(conf.defences_off())
    if off and not conf.lab_mode():
        return "SSO_KIT['DEFENCES_OFF'] is set outside lab mode; remove it."
    unknown = off - set(Defence)
    if unknown:
        return f"SSO_KIT['DEFENCES_OFF'] names no defence: {', '.join(sorted(unknown))}."
    return None
