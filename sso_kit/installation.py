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
    """The kit's tables that aren't there, as far as the database answers."""
    kits = [config for config in apps.get_app_configs() if config.label in LABELS]
    models = [model for config in kits for model in config.get_models()]
    try:
        there = {name: _tables(name) for name in map(databases.alias, models)}
    except DatabaseError:
        return []
    tables = [(model._meta.db_table, databases.alias(model)) for model in models]
    return [table for table, where in tables if table not in there[where]]


def _tables(alias: str) -> list[str]:
    """By a connection of its own: in a transaction that has failed PostgreSQL answers nothing."""
    connection = connections[alias].copy()
    try:
        return connection.introspection.table_names()
    finally:
        connection.close()
