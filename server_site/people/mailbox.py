"""Mail that nobody delivers: in lab mode a page shows it, to everybody who looks.

A row each, so that every worker and a restarted server know it. Bounded by count and age.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from .models import Mail

MOST = 50
KEPT = timedelta(days=7)
BACKEND = f"{__name__}.Mailbox"


class Mailbox(BaseEmailBackend):
    """``EMAIL_BACKEND`` of the lab."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            to, subject = ", ".join(message.recipients())[:500], str(message.subject)[:200]
            Mail.objects.create(to=to, subject=subject, text=str(message.body))
        _forget_old()
        return len(email_messages)


def newest() -> list[Mail]:
    return list(Mail.objects.filter(sent__gt=timezone.now() - KEPT)[:MOST])


def _forget_old() -> None:
    kept = Mail.objects.values_list("pk", flat=True)[:MOST]
    Mail.objects.exclude(pk__in=list(kept)).delete()
    Mail.objects.filter(sent__lte=timezone.now() - KEPT).delete()


@register(Tags.security)
def only_in_a_lab(**_: object) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND != BACKEND or settings.LAB_MODE:
        return []
    hint = "Take EMAIL_BACKEND out of the settings, and say where mail goes: EMAIL_HOST."
    return [Error("Mail would be shown to everybody.", hint=hint, id="people.E001")]
