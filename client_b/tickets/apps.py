from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class TicketsConfig(AppConfig):
    name = "client_b.tickets"

    def ready(self) -> None:
        from .models import follow

        user_logged_in.connect(follow, dispatch_uid="tickets.follow")
