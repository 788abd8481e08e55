"""A project for comparing the store with the ORM; the environment says which.

``STORE_USER_MODEL``, ``STORE_USE_TZ`` and ``STORE_POSTGRES``, the folder of a server's Unix
socket or ``127.0.0.1:PORT``; else SQLite. By hand, with one of them or none:

    DJANGO_SETTINGS_MODULE=tests.store.project.settings pytest --nomigrations tests/store/project
"""

from __future__ import annotations

import os
import tempfile

from tests.kit.databases import database

SECRET_KEY = "tests-of-the-store-" + "not-secret-" * 5
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = os.environ.get("STORE_USER_MODEL", "auth.User")
USE_TZ = os.environ.get("STORE_USE_TZ", "1") == "1"
TIME_ZONE = "Asia/Kolkata"  # half an hour off: a time that isn't converted shows
OWN_APPS = {"members", "guests", "managers"}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "simple_sso.sso_server",
    "sso_kit.server",
    "sso_kit.client",
    *(f"tests.store.project.{app}" for app in OWN_APPS & {AUTH_USER_MODEL.partition(".")[0]}),
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

FOLDER = tempfile.TemporaryDirectory(prefix="sso-kit-store-")

DATABASES = {"default": database(FOLDER.name, "store")}
