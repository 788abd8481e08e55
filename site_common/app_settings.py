"""Settings that every app has beside ``site_common.settings``; an app imports these alone."""

from __future__ import annotations

from site_common import environment, parts
from site_common.settings import *
from site_common.settings import SITE, SSO_URL

SSO_BACK_CHANNEL_URL = environment.env_back_channel_url("SSO_BACK_CHANNEL_URL", SSO_URL)
SSO_PUBLIC_KEY = environment.env_secret("SSO_PUBLIC_KEY", 43)
SSO_PRIVATE_KEY = environment.env_secret("SSO_PRIVATE_KEY", 43)

SHARED_APPS = [
    "site_common",
    "site_common.look",
    "site_common.inspection",
    "sso_kit.client",
    "sso_kit.contrib.staying",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
# Whether this app speaks django-simple-sso's own format, so that the two can be compared. The
# server takes it of a consumer that is marked legacy only: sso_consumer NAME --legacy.
SSO_STOCK_FORMAT = SITE.name in environment.env_names("STOCK_FORMAT")
# A form that is sent after the session ended leads to the identity server.
CONTENT_SECURITY_POLICY = parts.content_security_policy(SSO_URL)

# People log in at the identity server only.
LOGIN_URL = "simple-sso-login"
AUTHENTICATION_BACKENDS = ["sso_kit.client.backends.AccountBackend"]
