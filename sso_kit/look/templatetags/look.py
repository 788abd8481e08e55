"""``{% load look %}`` ... ``{{ note.updated|moment }}``"""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

MONTHS = "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"


@register.filter(expects_localtime=True)
def moment(when: datetime) -> SafeString:
    """A time element, for less than two ``date`` filters cost; a list has many."""
    shown = f"{when.day} {MONTHS[when.month - 1]} {when.year}, {when.hour:02}:{when.minute:02}"
    # Nothing but the digits and names of a date: there is nothing to escape.
    return mark_safe(f'<time datetime="{when.isoformat()}">{shown}</time>')
