"""Where this project has its clients: each one's own addresses, whatever is around them.

Stock finds them by name, ``reverse("simple-sso-authenticate")``. Of two clients that is the
last one's, and under a namespace nobody's. Here a view says whose it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.urls import (
    ResolverMatch,
    URLPattern,
    URLResolver,
    get_resolver,
    get_script_prefix,
    get_urlconf,
    resolve,
    reverse,
)
from django.utils.translation import get_language, get_language_from_path, override

LOG_IN, AUTHENTICATE = "simple-sso-login", "simple-sso-authenticate"
LOG_OUT, SIGNED_OUT = "sso-logout", "sso-signed-out"
NAMES = {LOG_IN, AUTHENTICATE, LOG_OUT, SIGNED_OUT}

# The view of an address, and a URLconf of that view alone, with all that is before it.
Place = tuple[Any, tuple[URLPattern | URLResolver]]
# Whose it is, and what it is called.
Named = tuple[Any, str, Place]


def current_client() -> Any:
    """The ``Client`` whose URLs this project includes; of several the last one.

    Raises:
        LookupError: there is none.
    """
    found = clients()
    if not found:
        raise LookupError(
            "No Client's URLs are included in this project: path('sso/', include(sso.get_urls()))"
        )
    return found[-1]


def clients() -> list[Any]:
    """All whose URLs this project includes, in their order."""
    known = [client for client, name, _ in _places() if name == LOG_IN]
    return list(dict.fromkeys(known))


def address_of(client: Any, name: str) -> str:
    """The path of a client's own view in this project, from the root of the host.

    A second object of the same consumer, as some projects' middleware makes one, is known by
    its public key. A view that doesn't say whose it is is found by name, as with stock.

    Raises:
        NoReverseMatch: there is none.
    """
    place = _place_of(client, name)
    if place is None:
        return reverse(name)
    view, around = place
    return reverse(view, urlconf=around)  # type: ignore[arg-type]  # as include() takes it


def front_page() -> str:
    """The path of this project's front page: ``/``, or what it is mounted under."""
    return get_script_prefix()


def match_of(path: str) -> ResolverMatch:
    """What a path, as ``reverse`` gives it, leads to; the language is that of the path.

    Raises:
        Resolver404: this project has nothing there.
    """
    path = "/" + path.removeprefix(get_script_prefix())
    with override(get_language_from_path(path) or get_language()):
        return resolve(path)


def _place_of(client: Any, name: str) -> Place | None:
    """The last one, as ``reverse`` has it, of the client that is most like this one."""
    for same in (_is_it, _is_at_the_same_server, _has_the_same_key):
        for owner, known, place in reversed(_places()):
            if known == name and same(owner, client):
                return place
    return None


def _is_it(one: Any, other: Any) -> bool:
    return one is other


def _is_at_the_same_server(one: Any, other: Any) -> bool:
    return _has_the_same_key(one, other) and bool(one.server_url == other.server_url)


def _has_the_same_key(one: Any, other: Any) -> bool:
    return bool(one.public_key == other.public_key)


def _places() -> tuple[Named, ...]:
    return _places_in(get_resolver(get_urlconf() or settings.ROOT_URLCONF))


@lru_cache(maxsize=32)
def _places_in(root: URLResolver) -> tuple[Named, ...]:
    """Looked up once; ``clear_url_caches()`` makes a new root."""
    return tuple(_below(root, ()))


def _below(resolver: URLResolver, outer: tuple[URLResolver, ...]) -> Iterator[Named]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _below(entry, (*outer, entry))
        elif entry.name in NAMES and (owner := _owner(entry.callback)) is not None:
            yield owner, entry.name, (entry.callback, (_alone(entry, outer),))


def _owner(view: Any) -> Any:
    """The client that ``as_view`` was given; ``functools.wraps`` hands it on."""
    return getattr(view, "view_initkwargs", {}).get("client")


def _alone(entry: URLPattern, outer: tuple[URLResolver, ...]) -> URLPattern | URLResolver:
    """One address under what it is included in, sub-paths and languages, but no namespace."""
    inner: URLPattern | URLResolver = entry
    for resolver in reversed(outer):
        inner = URLResolver(resolver.pattern, [inner], resolver.default_kwargs)
    return inner
