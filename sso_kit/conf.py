"""The kit's settings: one dictionary in the project's, every one optional.

    SSO_KIT = {"BASE_URL": "https://app.example", "READ_SECONDS": 5}

``TABLE`` says what there is. A name that isn't in it, or a value of another kind, is refused:
by ``manage.py check``, and as ``ImproperlyConfigured`` whenever one of them is read.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from .origins import is_back_channel, origin_of

NAME = "SSO_KIT"
NOTHING: dict[str, object] = {}


@dataclass(frozen=True)
class Kind:
    """What a value may be: in words, and whether one is."""

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Setting:
    name: str
    kind: Kind
    default: Any
    what: str


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_web_address(value: object) -> bool:
    try:
        return isinstance(value, str) and (not value or bool(origin_of(value)))
    except ValueError:
        return False


def _is_command(value: object) -> bool:
    return isinstance(value, str) and ("{arguments}" in value or "{quoted}" in value)


def _is_a_few(value: object) -> bool:
    """Anything that can be gone through but a text; what is in it is judged where it counts."""
    return hasattr(value, "__iter__") and not isinstance(value, str | bytes | Mapping)


def _is_addresses(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(url, str) and is_back_channel(url)
        for key, url in value.items()
    )


FLAG = Kind("True or False", lambda value: isinstance(value, bool))
ISSUER_LENGTH = 255  # characters
ISSUER_NAME = Kind(
    f"a text of at most {ISSUER_LENGTH} characters",
    lambda value: isinstance(value, str) and len(value) <= ISSUER_LENGTH,
)
WEB_ADDRESS = Kind("an http(s) URL", _is_web_address)
COMMAND = Kind("a text with {arguments} or {quoted} in it", _is_command)
NAMES = Kind("a list of names", _is_a_few)
SECONDS = Kind("a number above 0", lambda value: _is_number(value) and 0 < value < float("inf"))
COUNT = Kind(
    "a whole number above 0", lambda value: _is_number(value) and value > 0 and value % 1 == 0
)

SECONDS_OR_NONE = Kind(
    "a number above 0, or None", lambda value: value is None or SECONDS.fits(value)
)
STORAGE = Kind('"database" or "cache"', lambda value: value in ("database", "cache"))
TEXT = Kind("a text", lambda value: isinstance(value, str) and bool(value))
ADDRESSES = Kind("a dictionary of public keys and http(s) or http+unix URLs", _is_addresses)

TABLE = (
    Setting("BASE_URL", WEB_ADDRESS, "", "this app's own URL, for a `Client` that is given none"),
    Setting(
        "ISSUER",
        ISSUER_NAME,
        "",
        "what this identity server is called for ever, in place of its own name",
    ),
    Setting("CONNECT_SECONDS", SECONDS, 1.0, "how long the app tries to reach the server"),
    Setting("READ_SECONDS", SECONDS, 2.0, "how long the app waits for a whole answer"),
    Setting(
        "GLANCE_SECONDS",
        SECONDS,
        0.4,
        "the same, for an answer that a page can do without: `passive_login`",
    ),
    Setting(
        "CALLS_AT_ONCE",
        COUNT,
        3,
        "how many of a process's threads may wait for the server; below gunicorn's `threads`",
    ),
    Setting(
        "MANAGE",
        COMMAND,
        "python manage.py {arguments}",
        "how messages name a management command; `{quoted}`: its arguments as one word",
    ),
    Setting(
        "CHECK_SECONDS",
        SECONDS,
        60.0,
        "how often an app asks the server whether a session still stands",
    ),
    Setting(
        "GRACE_SECONDS",
        SECONDS,
        600.0,
        "how much longer an app's session goes on while the server can't be asked",
    ),
    Setting(
        "IDLE_SECONDS",
        SECONDS_OR_NONE,
        None,
        "how long this project's sessions last without use; `None`: no such limit",
    ),
    Setting(
        "LONGEST_SECONDS",
        SECONDS_OR_NONE,
        None,
        "how long they last after the log-in, used or not; `None`: no such limit",
    ),
    Setting(
        "USERS",
        STORAGE,
        "database",
        "where an app keeps its users: the `database`, or the `cache`, without a row for anybody",
    ),
    Setting("USERS_CACHE", TEXT, "default", "which of `CACHES` that is"),
    Setting("TELL_SECONDS", SECONDS, 1.0, "how long the server waits for an app that it tells"),
    Setting(
        "TELL_AGAIN",
        FLAG,
        True,
        "a thread of each server process tells again what an app didn't confirm; else "
        "`sso_tell` does, when it is run",
    ),
    Setting(
        "APP_BACK_CHANNELS",
        ADDRESSES,
        {},
        "at the server: public key of an app -> its base URL as this machine reaches it",
    ),
    Setting("LAB_MODE", FLAG, False, "a lab: defences may be switched off"),
    Setting("DEFENCES_OFF", NAMES, (), "names of the defences that are off, in lab mode"),
)
KNOWN = {setting.name: setting for setting in TABLE}


def problems() -> Iterator[tuple[str, str]]:
    """What is wrong with the dictionary: a sentence, and what to do about it, for each mistake."""
    given = getattr(settings, NAME, {})
    if not isinstance(given, dict):
        yield f"{NAME} is no dictionary.", f'{NAME} = {{"BASE_URL": "https://this.site"}}'
        return
    for name, value in given.items():
        setting = KNOWN.get(name)
        if setting is None:
            yield f"{NAME} has no {name!r}.", f"Take it out; there are: {', '.join(KNOWN)}."
        elif not setting.kind.fits(value):
            yield (
                f"{NAME}[{name!r}] is a {type(value).__name__} that it can't be.",
                f"Make it {setting.kind.words}: {setting.what}.",
            )


def of_old() -> list[str]:
    """Settings of the kit's first version that the project still has. Nothing reads them."""
    names = (f"{NAME}_{name}" for name in ("LAB_MODE", "DEFENCES_OFF", "MANAGE"))
    return [name for name in names if hasattr(settings, name)]


def base_url() -> str | None:
    return cast(str, _value("BASE_URL")) or None


def issuer() -> str:
    """What this identity server is called for ever; empty: by the name that it gave itself."""
    return cast(str, _value("ISSUER"))


def connect_seconds() -> float:
    return float(_value("CONNECT_SECONDS"))


def read_seconds() -> float:
    return float(_value("READ_SECONDS"))


def glance_seconds() -> float:
    return float(_value("GLANCE_SECONDS"))


def calls_at_once() -> int:
    return int(_value("CALLS_AT_ONCE"))


def check_seconds() -> float:
    return float(_value("CHECK_SECONDS"))


def grace_seconds() -> float:
    return float(_value("GRACE_SECONDS"))


def idle_seconds() -> float | None:
    return cast("float | None", _value("IDLE_SECONDS"))


def longest_seconds() -> float | None:
    return cast("float | None", _value("LONGEST_SECONDS"))


def users_in_cache() -> bool:
    return bool(_value("USERS") == "cache")


def users_cache() -> str:
    return cast(str, _value("USERS_CACHE"))


def tell_seconds() -> float:
    return float(_value("TELL_SECONDS"))


def tell_again() -> bool:
    return cast(bool, _value("TELL_AGAIN"))


def app_back_channels() -> dict[str, str]:
    return cast("dict[str, str]", _value("APP_BACK_CHANNELS"))


def manage() -> str:
    return cast(str, _value("MANAGE"))


def lab_mode() -> bool:
    return cast(bool, _value("LAB_MODE"))


def defences_off() -> Collection[str]:
    """Names of ``defences.Defence`` members; ``defences.refused_setting`` judges them."""
    return cast(Collection[str], _value("DEFENCES_OFF"))


def _value(name: str) -> Any:
    """Raises ``ImproperlyConfigured`` where anything in the dictionary is wrong: fails closed."""
    given = getattr(settings, NAME, NOTHING)
    if given is not _State.looked_at or given != _State.as_it_was:
        for sentence, remedy in problems():
            raise ImproperlyConfigured(f"{sentence} {remedy}")
        _State.looked_at, _State.as_it_was = given, deepcopy(given)
    return given.get(name, KNOWN[name].default)


class _State:
    """The dictionary that was found to be right: a hand-shake reads it dozens of times."""

    looked_at: object = None
    as_it_was: object = None
