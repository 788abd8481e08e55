"""``{% staying %}``: what the script has to know of this page."""

from __future__ import annotations

from typing import Any

from django import template
from django.template import Context
from django.utils.crypto import salted_hmac

from ....routes import places

register = template.Library()
ADDRESSES = ("sso-time-left", "sso-time-left-at-the-server")
LOG_INS = ("simple-sso-login",)
LONGEST = 16  # hex characters that name a person to their own browser


@register.inclusion_tag("sso_kit/staying.html", takes_context=True)
def staying(context: Context) -> dict[str, Any]:
    """The dialog, and the script that shows it; nothing for a visitor, or where no view answers."""
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return {}
    return {
        "ask_at": _first(ADDRESSES),
        "log_in_at": _first(LOG_INS),
        "person": _mark(user),
        "csrf_token": context.get("csrf_token"),
    }


def _first(names: tuple[str, ...]) -> str:
    for name in names:
        if found := places(name):
            return found[-1].address
    return ""


def _mark(user: Any) -> str:
    """Whose drafts are whose in a browser that several people use; says nothing of the person."""
    name = f"{user._meta.label}:{user.pk}"
    return salted_hmac("sso_kit.staying", name, algorithm="sha256").hexdigest()[:LONGEST]
