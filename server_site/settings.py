"""The identity server's settings. What can differ comes from the environment."""

from __future__ import annotations

from lab import table
from sso_kit import settings as kit
from sso_kit.defaults import *  # noqa: F403
from sso_kit.defaults import MIDDLEWARE

# 1. What the environment says

DEBUG = kit.env_bool("DEBUG", False)
SECRET_KEY = kit.env_secret("SECRET_KEY")
LAB_MODE = SSO_KIT_LAB_MODE = kit.env_bool("LAB_MODE", False)
LAB_PORT = kit.env_int("LAB_PORT", table.load().port, minimum=1)
BASE_URL = kit.env_url("BASE_URL")
SSO_URL = kit.env_url("SSO_URL")
DATA_DIR = kit.env_path("DATA_DIR")
SESSION_COOKIE_AGE = kit.env_int("SESSION_SECONDS", 12 * 60 * 60, minimum=60)
CONSUMER_KEYS = {
    client.name: (
        kit.env_secret(f"{client.package.upper()}_PUBLIC_KEY", 43),
        kit.env_secret(f"{client.package.upper()}_PRIVATE_KEY", 43),
    )
    for client in table.load().clients
}
FAILED_LOGINS_PER_ACCOUNT = kit.env_rate("FAILED_LOGINS_PER_ACCOUNT", "5/5m")
FAILED_LOGINS_PER_ADDRESS = kit.env_rate("FAILED_LOGINS_PER_ADDRESS", "30/5m")

HTTPS = kit.is_https(BASE_URL)
SITES = table.load().sites
APP_URLS = {client.name: client.url(LAB_PORT) for client in table.load().clients}

# 2. Django

ROOT_URLCONF = "server_site.urls"
WSGI_APPLICATION = "server_site.wsgi.application"
ALLOWED_HOSTS = [kit.host_of(BASE_URL)]
INSTALLED_APPS = [
    "server_site.people",
    "sso_kit.look",
    "sso_kit.server",
    "simple_sso.sso_server",
    "allauth",
    "allauth.account",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
TEMPLATES = kit.templates()
DATABASES = kit.sqlite_database(DATA_DIR, "server_site")
LOGGING = kit.logging_config(kit.env_log_level())
# The admin's forms are the largest.
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
# Shared by all workers, so that they count failed log-ins together. The default of 300
# entries would let an attacker flush the counts with 300 made-up names.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_COOKIE_NAME = kit.cookie_name("sso_session", BASE_URL)
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = kit.cookie_name("sso_csrf", BASE_URL)
CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
# Chromium applies form-action to the redirects after a form too, and the log-in form's
# lead by way of /sso/authorize/ to the app that asked.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    f"form-action 'self' {' '.join(APP_URLS.values())}"
)

# 3. People and how they log in

AUTH_USER_MODEL = "people.Person"
# One back end, so that one attempt costs one hash whether or not the account exists.
AUTHENTICATION_BACKENDS = ["server_site.people.backends.PeopleBackend"]
PASSWORD_HASHERS = ["server_site.people.hashers.OwaspArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "server_site.people.adapter.PeopleAdapter"
ACCOUNT_FORMS = {
    "login": "server_site.people.forms.LogInForm",
    "change_password": "server_site.people.forms.PasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# nginx is the one proxy, so the last address of X-Forwarded-For is the browser's.
ALLAUTH_TRUSTED_PROXY_COUNT = 1
# The address first: once it is refused it can no longer use up anybody's attempts.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": f"{FAILED_LOGINS_PER_ADDRESS}/ip,{FAILED_LOGINS_PER_ACCOUNT}/key",
}
