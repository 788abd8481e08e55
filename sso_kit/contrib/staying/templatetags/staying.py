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
    """The dialog, and the script that shows it; nothing where no view says how long."""
    request = context.get("request")
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    return {
        "ask_at": _first(ADDRESSES),
        "log_in_at": _first(LOG_INS),
        "signed_in": signed_in,
        "person": _mark(user) if signed_in else "",
        "csrf_token": context.get("csrf_token"),
    }


def _first(names: tuple[str, ...]) -> str:
    found = [place for name in names for place in places(name)]
    return found[-1].address if found else ""


def _mark(user: Any) -> str:
    """Whose drafts are whose in a browser that several people use; says nothing of the person."""
    name = f"{user._meta.label}:{user.pk}"
    return salted_hmac("sso_kit.staying", name, algorithm="sha256").hexdigest()[:LONGEST]
