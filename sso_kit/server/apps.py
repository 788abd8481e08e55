from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import m2m_changed, post_migrate, pre_delete


class SsoKitServer(AppConfig):
    name = "sso_kit.server"
    label = "sso_kit_server"
    verbose_name = "Single sign-on"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..store import people
        from . import changes, checks, overrides  # noqa: F401  (register the system checks)
        from .grants import revoke_on_logout
        from .issuer import make_after_migrate
        from .models import ConsumerPolicy, close_what_required, note_restriction

        people.watch_groups()
        changes.listen()
        user_logged_out.connect(revoke_on_logout, dispatch_uid="sso_kit.revoke_on_logout")
        post_migrate.connect(make_after_migrate, sender=self, dispatch_uid="sso_kit.make_issuer")
        pre_delete.connect(
            close_what_required, "auth.Group", dispatch_uid="sso_kit.close_what_required"
        )
        m2m_changed.connect(
            note_restriction,
            sender=ConsumerPolicy.required_groups.through,
            dispatch_uid="sso_kit.note_restriction",
        )
