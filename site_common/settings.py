"""Settings that every site has: ``from site_common.settings import *``.

What can differ comes from the environment (``lab/environment.py``), the rest is the same on
all of them. A site's own module names its Django apps and what it alone has.
"""

from __future__ import annotations

from typing import Any

from django.utils.text import slugify

from lab import table
from site_common import environment, parts

# 1. What the environment says

DEBUG = environment.env_bool("DEBUG", False)
SECRET_KEY = environment.env_secret("SECRET_KEY")
LAB_MODE = environment.env_bool("LAB_MODE", False)
LAB_PORT = environment.env_int("LAB_PORT", table.load().port, minimum=1)
BASE_URL = environment.env_url("BASE_URL")
SSO_URL = environment.env_url("SSO_URL")
DATA_DIR = environment.env_path("DATA_DIR")
LONGEST_SESSION = 366 * 24 * 60 * 60  # seconds
# At an app no longer than at the server: what ends there must not live on here.
SESSION_COOKIE_AGE = environment.env_int(
    "SESSION_SECONDS", 12 * 60 * 60, minimum=60, maximum=LONGEST_SESSION
)

HTTPS = parts.is_https(BASE_URL)
SITE = table.load().of_package(environment.env_str("SITE_PACKAGE"))

# Where what happens here is written down for the desk, and whether it is.
INSPECTOR_FOLDER = environment.env_optional("INSPECTOR_FOLDER")
INSPECTOR = environment.env_bool("INSPECTOR", True)

# How messages name a management command: the lab's sites have no manage.py of their own.
SSO_KIT: dict[str, Any] = {
    # How long a session lasts unused, and in any case; 0: no such limit.
    "IDLE_SECONDS": environment.env_int("IDLE_SECONDS", 0) or None,
    "LONGEST_SECONDS": environment.env_int("LONGEST_SECONDS", 0) or None,
    "CHECK_SECONDS": environment.env_int("CHECK_SECONDS", 60, minimum=1),
    "LAB_MODE": LAB_MODE,
    "DEFENCES_OFF": environment.env_names("DEFENCES_OFF"),
    "MANAGE": "make manage SITE=" + SITE.name + " ARGS={quoted}",
}

# 2. Django

ROOT_URLCONF = f"{SITE.package}.urls"
WSGI_APPLICATION = f"{SITE.package}.wsgi.application"
ALLOWED_HOSTS = [parts.host_of(BASE_URL)]
DATABASES = parts.sqlite_database(DATA_DIR, SITE.package)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = parts.templates()
FORM_RENDERER = "site_common.look.forms.LookRenderer"
LOGGING = parts.logging_config(environment.env_log_level())
# A form holds little more than 20,000 characters; the admin's are the largest.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

MIDDLEWARE = [
    "site_common.inspection.middleware.TellTheDesk",
    "sso_kit.contrib.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    SITE.kind.session_middleware,
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "site_common.middleware.RefuseUnreadableForms",
    "site_common.middleware.ExplainWrongMethod",
]

# Error reports, also DEBUG's, without tokens and keys.
DEFAULT_EXCEPTION_REPORTER = "sso_kit.contrib.reporting.TokenFreeReporter"

# 3. Cookies and headers

SESSION_ENGINE = "sso_kit.contrib.sessions"
# Whoever closes the browser leaves nothing behind.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = parts.cookie_name(f"{slugify(SITE.title)}_session", BASE_URL)
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
# Lax, not Strict: a Strict cookie is not sent on the redirects of silent sign-on.
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = parts.cookie_name(f"{slugify(SITE.title)}_csrf", BASE_URL)
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
# The origin alone: addresses of a hand-shake hold tokens. "no-referrer" would turn
# the Origin header into "null" and with it every form into a CSRF failure.
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# 4. Static files: WhiteNoise serves them from the packages; nothing to collect or forget

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
