"""The environment of the sites under test, as `make up` would provide it.

Django is one site a process, so each site's tests are a run of their own:
``pytest tests/sites/server_site``, and so on.
"""

from __future__ import annotations

import os
import tempfile

import django
import pytest

from lab import table

SETTINGS = "DJANGO_SETTINGS_MODULE"
KEYS = {
    f"{client.prefix}_{kind}_KEY": f"{client.name}-{kind.lower()}-key-for-tests-only".ljust(50, "x")
    for client in table.load().clients
    for kind in ("PUBLIC", "PRIVATE")
}


def provide(package: str) -> None:
    """Choose the site and set its environment. Call it from the site's conftest."""
    settings = f"{package}.settings"
    if os.environ.setdefault(SETTINGS, settings) != settings:
        raise pytest.UsageError(
            f"One site a run: {os.environ[SETTINGS]} is chosen, so leave {package}'s tests out."
        )
    os.environ.update(variables(package))
    django.setup()


def variables(package: str) -> dict[str, str]:
    lab = table.load()
    site = lab.of_package(package)
    return {
        "SITE_PACKAGE": package,
        "SECRET_KEY": f"{package}-secret-key-for-tests-only".ljust(60, "x"),
        "BASE_URL": site.url(lab.port),
        "SSO_URL": lab.server.url(lab.port),
        "LAB_PORT": str(lab.port),
        "LAB_MODE": "1",
        "DEBUG": "0",
        "LOG_LEVEL": "INFO",
        "DATA_DIR": tempfile.mkdtemp(prefix=f"{package}-tests-"),
        **(KEYS if site.is_server else client(site)),
    }


def client(site: table.Site) -> dict[str, str]:
    return {
        "SSO_BACK_CHANNEL_URL": "http://127.0.0.1:1",
        "SSO_PUBLIC_KEY": KEYS[f"{site.prefix}_PUBLIC_KEY"],
        "SSO_PRIVATE_KEY": KEYS[f"{site.prefix}_PRIVATE_KEY"],
    }
