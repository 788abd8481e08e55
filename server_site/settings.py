"""The identity server's settings. What can differ comes from the environment."""

from __future__ import annotations

from lab import table
from site_common import environment, parts
from site_common.settings import *
from site_common.settings import BASE_URL, LAB_MODE, LAB_PORT, MIDDLEWARE, SSO_KIT

# 1. What the environment says

CONSUMER_KEYS = {
    client.name: (
        environment.env_secret(f"{client.prefix}_PUBLIC_KEY", 43),
        environment.env_secret(f"{client.prefix}_PRIVATE_KEY", 43),
    )
    for client in table.load().clients
}
FAILED_LOGINS_PER_ACCOUNT = environment.env_rate("FAILED_LOGINS_PER_ACCOUNT", "5/5m")
FAILED_LOGINS_PER_ADDRESS = environment.env_rate("FAILED_LOGINS_PER_ADDRESS", "30/5m")

# How the apps are told that somebody has signed out.
SSO_KIT = SSO_KIT | {
    "APP_BACK_CHANNELS": {
        CONSUMER_KEYS[client.name][0]: environment.env_back_channel_url(
            f"{client.prefix}_BACK_CHANNEL_URL", client.url(LAB_PORT)
        )
        for client in table.load().clients
    }
}

APP_URLS = {client.name: client.url(LAB_PORT) for client in table.load().clients}

# 2. Django

INSTALLED_APPS = [
    "server_site.people",
    "site_common.look",
    "site_common.inspection",
    "sso_kit.server",
    "sso_kit.contrib.staying",
    "simple_sso.sso_server",
    "allauth",
    "allauth.account",
    "server_site.people.apps.BrowsersConfig",  # allauth.usersessions
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    *MIDDLEWARE,
    "allauth.account.middleware.AccountMiddleware",
    "server_site.people.middleware.NoteWhenSeen",
]
# Shared by all workers, so that they count failed log-ins together. The default of 300
# entries would let an attacker flush the counts with 300 made-up names.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SESSION_COOKIE_NAME = parts.cookie_name("sso_session", BASE_URL)
CSRF_COOKIE_NAME = parts.cookie_name("sso_csrf", BASE_URL)
# The log-in form's redirects lead by way of /sso/authorize/ to the app that asked.
CONTENT_SECURITY_POLICY = parts.content_security_policy(
    *(site.url(LAB_PORT) for site in table.load().sites if site.kind.is_form_target)
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
    "reset_password": "server_site.people.forms.ForgottenForm",
    "reset_password_from_key": "server_site.people.forms.NewPasswordForm",
}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# Who is signed in may be asked to be somebody else, or to prove it anew: views.LogInView.
ACCOUNT_AUTHENTICATED_LOGIN_REDIRECTS = False
# A write for every request; NoteWhenSeen does it once a minute.
USERSESSIONS_TRACK_ACTIVITY = False
# nginx is the one proxy, so the last address of X-Forwarded-For is the browser's.
ALLAUTH_TRUSTED_PROXY_COUNT = 1
# The address first: once it is refused it can no longer use up anybody's attempts.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": f"{FAILED_LOGINS_PER_ADDRESS}/ip,{FAILED_LOGINS_PER_ACCOUNT}/key",
    "reset_password": "20/m/ip,5/h/key",
    "reset_password_from_key": "20/m/ip",
}

# 4. Mail: in a lab a page shows it, elsewhere a server sends it

if LAB_MODE:
    EMAIL_BACKEND = "server_site.people.mailbox.Mailbox"
EMAIL_HOST = environment.env_str("EMAIL_HOST", "localhost")
EMAIL_PORT = environment.env_int("EMAIL_PORT", 25, minimum=1, maximum=65535)
EMAIL_HOST_USER = environment.env_optional("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.env_optional("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.env_bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 5  # seconds
DEFAULT_FROM_EMAIL = environment.env_str("EMAIL_FROM", f"identity@{parts.host_of(BASE_URL)}")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds that a link in a mail counts
