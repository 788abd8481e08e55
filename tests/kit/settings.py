"""One project with both halves of the kit and nothing of the lab.

The server's half answers as sso.test and the client's as app.test, so that they meet as
two sites do; ``tests.kit.urls_loopback`` has them on one.
"""

from __future__ import annotations

import tempfile

from tests.kit.databases import database

SECRET_KEY = "tests-of-the-kit-" + "not-secret-" * 5
ALLOWED_HOSTS = ["sso.test", "app.test"]
ROOT_URLCONF = "tests.kit.urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "simple_sso.sso_server",
    "sso_kit.server",
    "sso_kit.client",
]
MIDDLEWARE = [
    "tests.kit.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
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
FOLDER = tempfile.TemporaryDirectory(prefix="sso-kit-tests-")
DATABASES = {"default": database(FOLDER.name, "kit")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/login/"
SSO_KIT = {"TELL_AGAIN": False}
