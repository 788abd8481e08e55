"""Whether a project has changed both of its two lines."""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured


def need_app(name: str) -> None:
    """Raise ``ImproperlyConfigured`` where an app isn't installed whose models are needed."""
    if not apps.is_installed(name):
        raise ImproperlyConfigured(f"Add {name!r} to INSTALLED_APPS, and run: manage.py migrate")
