from __future__ import annotations

from django.apps import AppConfig


class SsoKitClient(AppConfig):
    name = "sso_kit.client"
    label = "sso_kit_client"
    verbose_name = "Single sign-on"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ..store import people
        from . import checks, overrides  # noqa: F401  (register the system checks)

        people.watch_groups()
