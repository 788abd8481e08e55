from __future__ import annotations

from allauth.usersessions import apps as usersessions
from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "server_site.people"
    verbose_name = "People"

    def ready(self) -> None:
        from . import audit, mailbox  # noqa: F401  (registers a system check)

        audit.listen()


class BrowsersConfig(usersessions.UserSessionsConfig):
    """``allauth.usersessions``, whose log-ins cost the same however many a person has had.

    Its own receiver reads all sessions of a person at each, one after the other.
    """

    default = False

    def ready(self) -> None:
        super().ready()
        from allauth.account.signals import user_logged_in
        from allauth.usersessions import signals

        from . import browsers

        user_logged_in.disconnect(signals.on_user_logged_in)
        user_logged_in.connect(browsers.note, dispatch_uid="people.browsers")
