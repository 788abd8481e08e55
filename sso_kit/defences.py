"""The switchable defences, by name. Off is possible in lab mode only.

Each defence is one small piece of code in the place named here, guarded by
``if defences.on(Defence.X)``. A workshop switches one off to see the attack work:

    SSO_KIT_LAB_MODE = True
    SSO_KIT_DEFENCES_OFF = ["session-binding"]

``manage.py check`` reports an error, and the setting is refused, outside lab mode.
"""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Defence(StrEnum):
    """What each one stops, and where it lives."""

    ANSWER_BINDING = "answer-binding"  # a recorded answer given to another question: wire.py
    FRESHNESS = "freshness"  # an old message sent again: wire.py
    REGISTERED_ORIGIN = "registered-origin"  # tokens sent to a stranger: server/policy.py
    SINGLE_USE = "single-use"  # an access token used twice: server/grants.py
    SHORT_LIFE = "short-life"  # an access token found later: server/grants.py
    # a token outliving the log-in: server/grants.py, and server/providers.py by server/log_ins.py
    REVOKE_ON_LOGOUT = "revoke-on-logout"
    SESSION_BINDING = "session-binding"  # log-in CSRF, stolen links: client/handshake.py
    SAFE_NEXT = "safe-next"  # an open redirect after log-in: client/redirects.py
    SUBJECT_IDENTITY = "subject-identity"  # take-over by a same name: client/identity.py
    ACCESS_POLICY = "access-policy"  # people who may not enter: server/policy.py


def on(defence: Defence) -> bool:
    """Whether a defence is active. Raises ``ImproperlyConfigured`` on a refused setting."""
    off = getattr(settings, "SSO_KIT_DEFENCES_OFF", ())
    if not off:
        return True
    problem = refused_setting()
    if problem:
        raise ImproperlyConfigured(problem)
    return defence not in off


def refused_setting() -> str | None:
    """What is wrong with ``SSO_KIT_DEFENCES_OFF``, or ``None``."""
    off = set(getattr(settings, "SSO_KIT_DEFENCES_OFF", ()))
    if off and not getattr(settings, "SSO_KIT_LAB_MODE", False):
        return "SSO_KIT_DEFENCES_OFF is set outside lab mode; remove it."
    unknown = off - set(Defence)
    if unknown:
        return f"SSO_KIT_DEFENCES_OFF names no defence: {', '.join(sorted(unknown))}."
    return None
