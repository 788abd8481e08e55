"""Settings that are the same on every site: ``from sso_kit.defaults import *``."""

from __future__ import annotations

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

MIDDLEWARE = [
    "sso_kit.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sso_kit.look.middleware.ExplainWrongMethod",
]
FORM_RENDERER = "sso_kit.look.forms.LookRenderer"

# Error reports, also DEBUG's, without tokens and keys.
DEFAULT_EXCEPTION_REPORTER = "sso_kit.reporting.TokenFreeReporter"

SESSION_ENGINE = "sso_kit.sessions"
# Lax, not Strict: a Strict cookie is not sent on the redirects of silent sign-on.
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

SECURE_CONTENT_TYPE_NOSNIFF = True
# The origin alone: addresses of a hand-shake hold tokens. "no-referrer" would turn
# the Origin header into "null" and with it every form into a CSRF failure.
SECURE_REFERRER_POLICY = "strict-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# WhiteNoise serves straight from the packages: nothing to collect, nothing to forget.
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
