"""Whether a project has changed both of its two lines, and migrated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections

from . import commands, databases
from .errors import NotConfigured

LABELS = ("sso_kit_client", "sso_kit_server")


def need_app(name: str) -> None:
    """Raise ``ImproperlyConfigured`` where an app isn't installed whose models are needed."""
    if not apps.is_installed(name):
        raise ImproperlyConfigured(f"Add {name!r} to INSTALLED_APPS, and run: manage.py migrate")


@contextmanager
def need_tables() -> Iterator[None]:
    """Turn a statement that fails for want of a table into ``NotConfigured``, with the remedy.

    Django's default logging says nothing of a 500 outside ``DEBUG``. It is looked at only when
    something has failed.
    """
    try:
        yield
    except DatabaseError as error:
        missing = _missing()
        if not missing:
            raise
        raise NotConfigured(
            f"The table {missing[0]} is missing.", remedy=f"Run: {commands.to_run('migrate')}"
        ) from error


def _missing() -> list[str]:
    """The kit's tables that aren't there, as far as the database still answers."""
    installed = [apps.get_app_config(label) for label in LABELS if apps.is_installed(_name(label))]
    try:
        return [
            model._meta.db_table
            for config in installed
            for model in config.get_models()
            if model._meta.db_table not in _tables(databases.alias(model))
        ]
    except DatabaseError:  # in a transaction that has failed, PostgreSQL answers nothing
        return []


def _name(label: str) -> str:
    return label.replace("sso_kit_", "sso_kit.")


def _tables(alias: str) -> list[str]:
    return connections[alias].introspection.table_names()
