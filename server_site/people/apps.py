from __future__ import annotations

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "server_site.people"
    verbose_name = "People"

    def ready(self) -> None:
        from . import audit, mailbox  # noqa: F401  (registers a system check)

        audit.listen()
