"""Settings that the lab's apps share: ``from sso_kit.client_defaults import *``.

Beside the constants of ``sso_kit.defaults`` these come from the environment. An app's own
settings name its URLs, its Django app, its database and its cookies.
"""

from __future__ import annotations

from sso_kit import settings as kit
from sso_kit.defaults import *  # noqa: F403

# 1. What the environment says

DEBUG = kit.env_bool("DEBUG", False)
SECRET_KEY = kit.env_secret("SECRET_KEY")
LAB_MODE = SSO_KIT_LAB_MODE = kit.env_bool("LAB_MODE", False)
LAB_PORT = kit.env_int("LAB_PORT", minimum=1)
BASE_URL = kit.env_url("BASE_URL")
SSO_URL = kit.env_url("SSO_URL")
SSO_BACK_CHANNEL_URL = kit.env_back_channel_url("SSO_BACK_CHANNEL_URL", SSO_URL)
SSO_PUBLIC_KEY = kit.env_secret("SSO_PUBLIC_KEY", 43)
SSO_PRIVATE_KEY = kit.env_secret("SSO_PRIVATE_KEY", 43)
DATA_DIR = kit.env_path("DATA_DIR")
# No longer than the server's: what ends there must not live on here.
SESSION_COOKIE_AGE = kit.env_int("SESSION_SECONDS", 12 * 60 * 60, minimum=60)

HTTPS = kit.is_https(BASE_URL)

# 2. Django

ALLOWED_HOSTS = [kit.host_of(BASE_URL)]
SHARED_APPS = [
    "sso_kit.look",
    "sso_kit.client",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
TEMPLATES = kit.templates()
LOGGING = kit.logging_config(kit.env_log_level())
# A form holds little more than 20,000 characters.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024

# As the identity server's: whoever closes the browser leaves nothing behind.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
# Chromium applies form-action to redirects too: a form sent after the session ended leads
# to the identity server.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    f"form-action 'self' {SSO_URL}"
)

# 3. People: they log in at the identity server only

LOGIN_URL = "simple-sso-login"
AUTHENTICATION_BACKENDS = ["sso_kit.client.backends.AccountBackend"]
