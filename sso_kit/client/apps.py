from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class SsoKitClient(AppConfig):
    name = "sso_kit.client"
    label = "sso_kit_client"
    verbose_name = "Single sign-on"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import checks  # noqa: F401  (registers the system checks)
        from .backends import note_log_in

        # Django's own receiver of this name saves the whole model; this one a column.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_log_in, dispatch_uid="update_last_login")
