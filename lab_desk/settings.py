"""The desk's settings: no people, no sessions, no way to sign in."""

from __future__ import annotations

from site_common import environment
from site_common.settings import *
from site_common.settings import LAB_PORT, TEMPLATES

INSIDE_URL = environment.env_url("INSIDE_URL", f"http://127.0.0.1:{LAB_PORT}")

INSTALLED_APPS = [
    "lab_desk.desk",
    "lab_desk.inspector",
    "site_common",
    "site_common.look",
    "sso_kit.contrib.staying",  # of the look's
    "django_htmx",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "sso_kit.contrib.headers.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "site_common.middleware.RefuseUnreadableForms",
    "site_common.middleware.ExplainWrongMethod",
]
TEMPLATES[0]["OPTIONS"]["context_processors"] = [
    "django.template.context_processors.request",
    "site_common.look.context.site",
]
# What others have written is shown here: whatever it is, it runs nothing and loads nothing.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

INSPECTOR_LONGEST = 48 * 3600  # seconds that the inspector keeps something, where it has room
