"""Notes's settings: its own; what can differ comes from the environment, by the shared ones."""

from __future__ import annotations

from lab import table
from sso_kit import settings as kit
from sso_kit.client_defaults import *  # noqa: F403
from sso_kit.client_defaults import BASE_URL, DATA_DIR, SHARED_APPS

SITES = table.load().sites

ROOT_URLCONF = "client_a.urls"
WSGI_APPLICATION = "client_a.wsgi.application"
INSTALLED_APPS = ["client_a.notes", *SHARED_APPS]
DATABASES = kit.sqlite_database(DATA_DIR, "client_a")

SESSION_COOKIE_NAME = kit.cookie_name("notes_session", BASE_URL)
CSRF_COOKIE_NAME = kit.cookie_name("notes_csrf", BASE_URL)
