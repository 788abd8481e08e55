"""Settings that take more than a line: hosts, cookies, database, templates, logging."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


def host_of(base_url: str) -> str:
    """The host name alone, as ``ALLOWED_HOSTS`` wants it."""
    return urlsplit(base_url).hostname or ""


def is_https(base_url: str) -> bool:
    return base_url.startswith("https://")


def content_security_policy(*form_targets: str) -> str:
    """A site's own pages and nothing else; its forms may also lead to these base URLs.

    Chromium applies form-action to the redirects after a form too.
    """
    targets = " ".join(["'self'", *form_targets])
    return (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {targets}"
    )


def cookie_name(name: str, base_url: str) -> str:
    """A cookie's name that neither another port's site nor a neighbouring host can overwrite.

    Browsers keep cookies by host, whatever the port (RFC 6265, 8.5), so the name carries it.
    Under https, ``__Host-`` makes them refuse one that was not set by this very host (RFC
    6265bis, 4.1.3.2); it needs Django's defaults: path ``/``, no domain.
    """
    port = urlsplit(base_url).port
    return ("__Host-" if is_https(base_url) else "") + name + ("" if port is None else f"_{port}")


def database_file(data_dir: Path, package: str) -> Path:
    return data_dir / f"{package}.sqlite3"


def sqlite_database(data_dir: Path, package: str) -> dict[str, dict[str, Any]]:
    """SQLite that stands many writers: they queue at BEGIN, and readers never wait."""
    return {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": database_file(data_dir, package),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }


def templates() -> list[dict[str, Any]]:
    processors = (
        "django.template.context_processors.request",
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "site_common.look.context.site",
        "site_common.inspection.links.links",
    )
    return [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {"context_processors": list(processors)},
        }
    ]


def logging_config(level: str) -> dict[str, Any]:
    """One JSON object a line on standard error, for whoever keeps the logs."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "sso_kit.contrib.logs.JsonFormatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level},
            "django.request": {"level": level},
            "sso_kit": {"level": level},
            # One line a query at DEBUG, and queries hold tokens.
            "django.db.backends": {"level": "WARNING"},
            # DEBUG lists every context variable a template does not find.
            "django.template": {"level": "WARNING"},
        },
    }
