"""This project's own addresses: which of the kit's views are where, whatever is around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
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

OURS = ("simple-sso-", "sso-")  # how the names of both sides' addresses begin


@dataclass(frozen=True)
class Place:
    """Where a project includes one of the kit's views.

    Attributes:
        view: with what ``as_view`` was given as ``view_initkwargs``, unless it is a function's.
        around: a URLconf of that view alone, with the paths that it is included below.
    """

    name: str
    view: Any
    around: tuple[URLPattern | URLResolver]

    @property
    def address(self) -> str:
        """The path from the root of the host, in the language that is active now."""
        return _address(self, get_language(), get_script_prefix())

    def given(self, name: str) -> Any:
        """What ``as_view`` was given; ``functools.wraps`` hands it on."""
        return getattr(self.view, "view_initkwargs", {}).get(name)


def places(name: str) -> list[Place]:
    """Of all views with a name, in their order, also those under namespaces."""
    known = _places_in(get_resolver(get_urlconf() or settings.ROOT_URLCONF))
    return [place for place in known if place.name == name]


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


@lru_cache(maxsize=256)  # a hand-shake asks for some, and every page for two
def _address(place: Place, language: str | None, prefix: str) -> str:
    """What it is depends on no more than this."""
    return reverse(place.view, urlconf=place.around)  # type: ignore[arg-type]  # as include() takes


@lru_cache(maxsize=32)
def _places_in(root: URLResolver) -> tuple[Place, ...]:
    """Looked up once; ``clear_url_caches()`` makes a new root."""
    return tuple(_below(root, ()))


def _below(resolver: URLResolver, outer: tuple[URLResolver, ...]) -> Iterator[Place]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _below(entry, (*outer, entry))
        elif entry.name and entry.name.startswith(OURS):
            yield Place(entry.name, entry.callback, (_alone(entry, outer),))


def _alone(entry: URLPattern, outer: tuple[URLResolver, ...]) -> URLPattern | URLResolver:
    """One address under what it is included in, sub-paths and languages, but no namespace."""
    inner: URLPattern | URLResolver = entry
    for resolver in reversed(outer):
        inner = URLResolver(resolver.pattern, [inner], resolver.default_kwargs)
    return inner
