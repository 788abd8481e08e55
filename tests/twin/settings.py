"""Both roles and both flavours. ``DATA_DIR``, ``BASE_URL``, ``SSO_URL``, keys: see below."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from .switches import Switches

ROLE = os.environ["ROLE"]
FLAVOUR = os.environ["FLAVOUR"]
NAME = os.environ.get("NAME", ROLE)

SECRET_KEY = f"twin-{NAME}-" + "not-secret-" * 5
DEBUG = os.environ.get("DEBUG") == "1"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "tests.twin.urls"
WSGI_APPLICATION = "tests.twin.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True

BASE_URL = os.environ["BASE_URL"]
SSO_URL = os.environ.get("SSO_URL", BASE_URL + "/sso/")  # as browsers and clients reach it
BACK_CHANNEL_URL = os.environ.get("BACK_CHANNEL_URL", SSO_URL)  # kit only: as clients reach it
READ_BUDGET = float(os.environ.get("READ_BUDGET", "2"))  # kit only: seconds for an answer
REST = float(os.environ.get("REST", "2"))  # kit only: seconds without a call after a failure
ON_NAME_CLASH = os.environ.get("ON_NAME_CLASH", "refuse")  # kit only
PUBLIC_KEY = os.environ.get("PUBLIC_KEY", "public")
PRIVATE_KEY = os.environ.get("PRIVATE_KEY", "private-" * 7)
if key_file := os.environ.get("PRIVATE_KEY_FILE"):  # the key, and perhaps the one before it
    PRIVATE_KEY, *PREVIOUS_KEYS = Path(key_file).read_text().split()
else:
    PREVIOUS_KEYS = []
LEGACY = os.environ.get("LEGACY") == "1"  # kit only: the other side is stock
CONSUMERS = os.environ.get("CONSUMERS", "")  # server: NAME=PUBLIC=PRIVATE=ORIGIN[=GROUP];...
PEOPLE = int(os.environ.get("PEOPLE", "0"))  # server: user0 ... with their names as passwords

_STOCK = {"server": ["simple_sso.sso_server"], "client": [], "both": ["simple_sso.sso_server"]}
_KIT = {
    "server": [*_STOCK["server"], "sso_kit.server"],
    "client": ["sso_kit.client"],
    "both": [*_STOCK["server"], "sso_kit.server", "sso_kit.client"],
}
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    *(_KIT if FLAVOUR == "kit" else _STOCK)[ROLE],
    "tests.twin",
]
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"
if FLAVOUR == "kit" and ROLE != "both":
    SESSIONS = f"sso_kit.{ROLE}.middleware.SessionMiddleware"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    SESSIONS,
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": Path(os.environ["DATA_DIR"]) / f"{NAME}.sqlite3",
        "OPTIONS": {"timeout": 30},
    }
}
if os.environ.get("SQLITE") == "wal":  # else Django's defaults, as tutorials leave them
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
SESSION_COOKIE_NAME = f"{NAME}_session"
CSRF_COOKIE_NAME = f"{NAME}_csrf"
LOGIN_URL = "login" if ROLE == "server" else "simple-sso-login"
if os.environ.get("HASHER") == "cheap":  # many people log in; the hash isn't the subject
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

DEFENCES_OFF: Any = [name for name in os.environ.get("DEFENCES_OFF", "").split(",") if name]
if "DEFENCES_FILE" in os.environ:
    DEFENCES_OFF = Switches(Path(os.environ["DEFENCES_FILE"]))
SSO_KIT: dict[str, Any] = {"LAB_MODE": True, "DEFENCES_OFF": DEFENCES_OFF}
SSO_KIT["CHECK_SECONDS"] = float(os.environ.get("CHECK_SECONDS", "60"))
# Python knows no *.localhost: the server reaches each consumer by this machine's number.
SSO_KIT["APP_BACK_CHANNELS"] = {
    line.split("=")[1]: f"http://127.0.0.1:{line.split('=')[3].rpartition(':')[2]}"
    for line in CONSUMERS.split(";")
    if line.count("=") >= 3
}
if FLAVOUR == "kit":
    DEFAULT_EXCEPTION_REPORTER = "sso_kit.contrib.reporting.TokenFreeReporter"
if "LOG_LEVEL" in os.environ:
    LOGGING = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"class": "sso_kit.contrib.logs.JsonFormatter"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"level": os.environ["LOG_LEVEL"], "handlers": ["console"]},
    }
