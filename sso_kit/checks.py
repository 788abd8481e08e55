"""System checks of either half: ``manage.py check --deploy``. Each has its own in ``checks``."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore as CacheStore
from django.contrib.sessions.backends.cached_db import SessionStore as CachedDatabaseStore
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieStore
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils.module_loading import import_string

from . import conf, defences

SHORTEST_KEY = 43  # characters of a private key: 256 bits
OF_ONE_PROCESS = ("locmem.LocMemCache", "dummy.DummyCache")  # of django.core.cache.backends


@register(Tags.security)
def settings_are_known(**_: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(sentence, hint=remedy, id="sso_kit.E007") for sentence, remedy in conf.problems()
    ]
    for name in conf.of_old():
        entry = name.removeprefix(f"{conf.NAME}_")
        found.append(
            Error(
                f"Nothing reads the setting {name} any more.",
                hint=f'Say it in one dictionary: {conf.NAME} = {{"{entry}": ...}}',
                id="sso_kit.E008",
            )
        )
    return found


@register(Tags.security)
def defences_are_on(**_: Any) -> list[CheckMessage]:
    if any(conf.problems()):
        return []  # nothing can be read, and E007 says why
    problem = defences.refused_setting()
    hint = "Take the names out of it; all defences are on then."
    return [Error(problem, hint=hint, id="sso_kit.E001")] if problem else []


@register(Tags.security)
def sessions_can_be_ended(**_: Any) -> list[CheckMessage]:
    if not issubclass(_session_store(), CookieStore):
        return []
    return [
        Error(
            "Sessions in signed cookies can't be ended: nobody could be signed out by the others.",
            hint='SESSION_ENGINE = "sso_kit.contrib.sessions", or one of Django\'s others.',
            id="sso_kit.E029",
        )
    ]


@register(Tags.security, deploy=True)
def sessions_are_shared(**_: Any) -> list[CheckMessage]:
    in_cache = issubclass(_session_store(), CacheStore | CachedDatabaseStore)
    if not in_cache or not is_of_one_process(settings.SESSION_CACHE_ALIAS):
        return []
    return [
        Error(
            "Sessions are in a cache of each process by itself: a log-out reaches one of them.",
            hint="Let SESSION_CACHE_ALIAS name a cache that all processes share.",
            id="sso_kit.E030",
        )
    ]


@register(Tags.security, deploy=True)
def sessions_are_looked_at(**_: Any) -> list[CheckMessage]:
    """Whether each half's own middleware is there, or one that is derived from it."""
    found: list[CheckMessage] = []
    if _lacks_middleware("server"):
        found.append(
            Warning(
                "The server's time-outs aren't kept, and who signs in as somebody else leaves the "
                "apps of whoever was there.",
                hint=_instead("server"),
                id="sso_kit.W031",
            )
        )
    if _lacks_middleware("client"):
        found.append(
            Warning(
                "That a session has ended elsewhere, only the kit's decorators notice.",
                hint=_instead("client"),
                id="sso_kit.W032",
            )
        )
    return found


def _lacks_middleware(half: str) -> bool:
    if not apps.is_installed(f"sso_kit.{half}"):
        return False
    ours = import_string(f"sso_kit.{half}.middleware.SessionMiddleware")
    there = [import_string(path) for path in settings.MIDDLEWARE]
    return not any(isinstance(each, type) and issubclass(each, ours) for each in there)


def _instead(half: str) -> str:
    return (
        f'Put "sso_kit.{half}.middleware.SessionMiddleware" in the place of the one of Django in '
        "MIDDLEWARE; a project that is server and client derives a class of its own from both."
    )


def is_of_one_process(cache: str) -> bool:
    """Whether a cache isn't there, or is another one in each process."""
    backend = settings.CACHES.get(cache, {}).get("BACKEND", OF_ONE_PROCESS[0])
    return str(backend).endswith(OF_ONE_PROCESS)


def _session_store() -> Any:
    return import_module(settings.SESSION_ENGINE).SessionStore
