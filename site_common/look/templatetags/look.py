"""``{% load look %}`` ... ``{{ note.updated|moment }}``, ``{{ ticket.reporter|person }}``"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

MONTHS = "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"


@register.filter(expects_localtime=True)
def moment(when: datetime) -> SafeString:
    """A time element, for less than two ``date`` filters cost; a list has many."""
    shown = f"{when.day} {MONTHS[when.month - 1]} {when.year}, {when.hour:02}:{when.minute:02}"
    # Nothing but the digits and names of a date: there is nothing to escape.
    return mark_safe(f'<time datetime="{when.isoformat()}">{shown}</time>')


@register.filter
def person(somebody: Any) -> SafeString:
    """Somebody as others see them: the display name, which anybody may choose, and the user name.

    The user name has a ground of its own, which no display name can imitate; ``bdi`` keeps
    writing directions in a display name from rearranging it.
    """
    username = format_html('<span class="username">{}</span>', somebody.get_username())
    name = somebody.get_full_name()
    if not name:
        return username
    return format_html(
        '<bdi class="name">{}</bdi> <span class="hidden-text">user name</span> {}', name, username
    )


@register.filter
def initial(somebody: Any) -> str:
    """The letter in somebody's avatar."""
    return str(somebody.get_full_name() or somebody.get_username())[:1].upper()
