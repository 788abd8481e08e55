"""``{% staying %}``: what the script has to know of this page."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.template import Context, Template
from django.utils.crypto import salted_hmac
from django.utils.html import conditional_escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from ....routes import places

register = template.Library()
DIALOG = "sso_kit/staying.html"
ADDRESSES = ("sso-time-left", "sso-time-left-at-the-server")
LOG_INS = ("simple-sso-login",)
LONGEST = 16  # hex characters that name a person to their own browser
PERSON, TOKEN = "\ue000", "\ue001"  # characters that no template has: for private use


@register.simple_tag(takes_context=True)
def staying(context: Context) -> str:
    """The dialog, and the script that shows it; nothing for a visitor, or where no view answers.

    It is on every page, so its template is rendered once for each language and pair of addresses.
    """
    user = getattr(context.get("request"), "user", None)
    if user is None or not user.is_authenticated:
        return ""
    compiled = context.template.engine.get_template(DIALOG)  # type: ignore[union-attr]  # while rendering
    dialog = _dialog(compiled, _first(ADDRESSES), _first(LOG_INS), get_language())
    if TOKEN not in dialog:  # nor is a cookie for it
        return mark_safe(dialog.replace(PERSON, _mark(user)))
    token = conditional_escape(context.get("csrf_token") or "")
    return mark_safe(dialog.replace(PERSON, _mark(user)).replace(TOKEN, token))


@lru_cache(maxsize=32)
def _dialog(compiled: Template, ask_at: str, log_in_at: str, language: str | None) -> str:
    """With a mark where a person's own words go."""
    shown = {"ask_at": ask_at, "log_in_at": log_in_at, "person": PERSON, "csrf_token": TOKEN}
    return compiled.render(Context(shown))


def _first(names: tuple[str, ...]) -> str:
    for name in names:
        if found := places(name):
            return found[-1].address
    return ""


def _mark(user: Any) -> str:
    """Whose drafts are whose in a browser that several people use; says nothing of the person."""
    name = f"{user._meta.label}:{user.pk}"
    return salted_hmac("sso_kit.staying", name, algorithm="sha256").hexdigest()[:LONGEST]
