from __future__ import annotations

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out


class SsoKitClient(AppConfig):
    name = "sso_kit.client"
    label = "sso_kit_client"
    verbose_name = "Single sign-on"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..store import people
        from . import checks, overrides  # noqa: F401  (register the system checks)
        from .sessions import left_by_itself

        people.watch_groups()
        user_logged_out.connect(left_by_itself, dispatch_uid="sso_kit.left_by_itself")
