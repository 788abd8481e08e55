"""Helpdesk's settings: its own app, where it keeps its users, and accounts of its own."""

from __future__ import annotations

from site_common import environment
from site_common.app_settings import *
from site_common.app_settings import (
    AUTHENTICATION_BACKENDS,
    MIDDLEWARE,
    SHARED_APPS,
    SSO_KIT,
)

# "cache": no row for anybody who signs in; all workers share it, and a restart keeps it.
HELPDESK_USERS = environment.env_choice("HELPDESK_USERS", ("database", "cache"), "database")
SSO_KIT = SSO_KIT | {"USERS": HELPDESK_USERS, "USERS_CACHE": "users"}
# Accounts with a password of Helpdesk's own. Without user rows there can be none.
LOCAL_ACCOUNTS = HELPDESK_USERS == "database" and environment.env_bool(
    "HELPDESK_LOCAL_ACCOUNTS", True
)

INSTALLED_APPS = ["client_b.tickets", "client_b.accounts", "allauth", "allauth.account"]
INSTALLED_APPS += SHARED_APPS
MIDDLEWARE = [*MIDDLEWARE, "allauth.account.middleware.AccountMiddleware"]
CACHES = {
    # Failed log-ins: all workers count together.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "users": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cached_users",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
}

if LOCAL_ACCOUNTS:
    AUTHENTICATION_BACKENDS = [
        *AUTHENTICATION_BACKENDS,
        "allauth.account.auth_backends.AuthenticationBackend",
    ]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_REDIRECT_URL = "ticket-list"
ACCOUNT_ADAPTER = "client_b.accounts.adapter.LocalAdapter"
ACCOUNT_FORMS = {"login": "client_b.accounts.forms.LocalForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = 1
FAILED_LOGINS_PER_ACCOUNT = environment.env_rate("FAILED_LOGINS_PER_ACCOUNT", "5/5m")
FAILED_LOGINS_PER_ADDRESS = environment.env_rate("FAILED_LOGINS_PER_ADDRESS", "30/5m")
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": f"{FAILED_LOGINS_PER_ADDRESS}/ip,{FAILED_LOGINS_PER_ACCOUNT}/key",
}
