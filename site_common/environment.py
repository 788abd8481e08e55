"""What the environment says, read loudly.

A reader raises ``ImproperlyConfigured`` with the variable's name, what is wrong with it and
how to put it right. A secret's value is never part of the message.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Never
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"1", "true", "yes"})
FALSE = frozenset({"0", "false", "no"})
RATE = re.compile(r"[1-9]\d*/[1-9]\d*[smhd]")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def _fail(name: str, wrong: str, fix: str) -> Never:
    raise ImproperlyConfigured(f"{name} {wrong}. {fix}")


def env_str(name: str, default: str | None = None) -> str:
    """The variable's text. An empty one counts as missing."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        _fail(name, "is not set", f"Set the environment variable {name}; `make up` does.")
    return value


def env_optional(name: str) -> str:
    """The variable's text, or, with ``NAME_FILE``, the file's; nothing where it isn't set."""
    return _from_file(name) or os.environ.get(name, "").strip()


def env_int(
    name: str, default: int | None = None, *, minimum: int = 0, maximum: int = 2**31 - 1
) -> int:
    text = env_str(name, None if default is None else str(default))
    try:
        value = int(text)
    except ValueError:
        _fail(name, f"is {text!r}, not a whole number", "Write digits only.")
    if value < minimum:
        _fail(name, f"is {value}, less than {minimum}", f"Use {minimum} or more.")
    if value > maximum:
        _fail(name, f"is {value}, more than {maximum}", f"Use {maximum} or less.")
    return value


def env_choice(name: str, choices: Sequence[str], default: str) -> str:
    """One of a few words."""
    word = env_str(name, default)
    if word not in choices:
        _fail(name, f"is {word!r}", f"Use one of {', '.join(choices)}.")
    return word


def env_bool(name: str, default: bool | None = None) -> bool:
    text = env_str(name, None if default is None else str(default)).lower()
    if text not in TRUE | FALSE:
        _fail(
            name,
            f"is {text!r}, neither yes nor no",
            "Use 1, true or yes; 0, false or no.",
        )
    return text in TRUE


def env_names(name: str) -> tuple[str, ...]:
    """Words with commas or blanks between them; none where it isn't set."""
    return tuple(env_optional(name).replace(",", " ").split())


def env_secret(name: str, min_length: int = 50) -> str:
    """A secret, or with ``NAME_FILE`` the file that holds it, as container engines provide it."""
    value = _from_file(name) or env_str(name)
    if len(value) < min_length:
        fix = (
            f"Generate one: python -c 'import secrets; print(secrets.token_urlsafe({min_length}))'"
        )
        _fail(name, f"has {len(value)} characters, fewer than {min_length}", fix)
    return value


def _from_file(name: str) -> str:
    """What the file that ``NAME_FILE`` names has; nothing where it isn't set."""
    path = os.environ.get(f"{name}_FILE", "").strip()
    if path and os.environ.get(name):
        _fail(name, f"and {name}_FILE are both set", "Keep the one that counts.")
    if not path:
        return ""
    try:
        text = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        _fail(f"{name}_FILE", f"names a file that can't be read ({error})", "Correct the path.")
    return text or _fail(f"{name}_FILE", f"names an empty file, {path}", "Write the secret to it.")


def env_url(name: str, default: str | None = None) -> str:
    """A base URL: scheme, host and perhaps a port, without path or slash at the end."""
    text = env_str(name, default)
    example = f"Write scheme, host and port only, for example {name}=http://sso.localhost:8080"
    try:
        url = urlsplit(text)
        rebuilt = f"{url.scheme}://{url.hostname}{_port_suffix(url.port)}"
    except ValueError as error:
        _fail(name, f"is not a URL: {error}", example)
    if url.scheme not in {"http", "https"} or text.lower() != rebuilt:
        _fail(name, f"is {text!r}, not a base URL", example)
    return rebuilt


def env_back_channel_url(name: str, default: str | None = None) -> str:
    """A base URL, or a Unix socket of this machine: ``http+unix://%2Frun%2Fserver.sock``."""
    text = env_str(name, default)
    if not text.startswith("http+unix:"):
        return env_url(name, default)
    scheme, _, path = text.partition("://")
    if scheme != "http+unix" or not unquote(path).startswith("/") or set(path) & set("/?#@"):
        example = f"{name}=http+unix://%2Frun%2Fserver.sock"
        _fail(name, f"is {text!r}, no socket", f"Write its path percent-encoded: {example}")
    return text


def _port_suffix(port: int | None) -> str:
    return "" if port is None else f":{port}"


def env_path(name: str) -> Path:
    """A folder that is there already: a misspelt one must not become an empty database."""
    path = Path(env_str(name))
    if not path.is_absolute():
        _fail(name, f"is {str(path)!r}, a relative path", "Write it from the root: /...")
    if not path.is_dir():
        _fail(
            name,
            f"is {str(path)!r}, which is not a folder",
            "Create it or correct the path.",
        )
    return path


def env_log_level(name: str = "LOG_LEVEL") -> str:
    level = env_str(name, "INFO").upper()
    if level not in LOG_LEVELS:
        _fail(name, f"is {level!r}", f"Use one of {', '.join(LOG_LEVELS)}.")
    return level


def env_rate(name: str, default: str) -> str:
    """So many in so long: ``5/10m`` is five in ten minutes; s, m, h and d are the units."""
    rate = env_str(name, default)
    if not RATE.fullmatch(rate):
        _fail(name, f"is {rate!r}, not a rate", f"Write an amount and a time: {name}=5/10m")
    return rate
