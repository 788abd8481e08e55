"""Helpdesk's settings: its own app, and where it keeps its users."""

from __future__ import annotations

from site_common import environment
from site_common.app_settings import *
from site_common.app_settings import SHARED_APPS, SSO_KIT

INSTALLED_APPS = ["client_b.tickets", *SHARED_APPS]

# "cache": no row for anybody who signs in; all workers share it, and a restart keeps it.
HELPDESK_USERS = environment.env_choice("HELPDESK_USERS", ("database", "cache"), "database")
SSO_KIT = SSO_KIT | {"USERS": HELPDESK_USERS, "USERS_CACHE": "users"}
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "users": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cached_users",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}
