"""A project's subclasses of stock's classes: what is made of them, and what can't be.

Source of the hooks: ``sso_client/client.py`` and ``sso_server/server.py`` of
django-simple-sso 1.3.0.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from importlib import import_module
from types import CodeType
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

LIBRARIES = ("simple_sso", "sso_kit")


def hardened(given: Any, ours: Any) -> Any:
    """A project's class as a subclass of ours, so that what it doesn't override is ours.

    ``class Welcome(stock.LoginView)`` overrides ``get_next``, say, and nothing else of it may
    be stock's. Ours is a subclass of stock's too, so it comes between the two.
    """
    if issubclass(given, ours):
        return given
    return type(given)(given.__name__, (given, ours), {"__module__": given.__module__})


def overriding(given: Any, hook: str) -> Iterator[Any]:
    """The classes of a project, nearest first, that override a method of the libraries'."""
    for each in given.__mro__:
        if hook in vars(each) and not _is_the_libraries(each.__module__):
            yield each


def replacing(given: Any, hook: str) -> Iterator[Any]:
    """Those among them whose method doesn't call the one that it overrides."""
    for each in overriding(given, hook):
        if not _calls_on(vars(each)[hook], [base.__name__ for base in each.__mro__[1:]]):
            yield each


def named(given: Any, hook: str) -> str:
    """A method, as somebody finds it."""
    return f"{given.__module__}.{given.__qualname__}.{hook}"


def modules_with(*classes: Any) -> list[tuple[str, Any]]:
    """Modules of the project that have imported a class of stock's, by name, with the class.

    Middleware and URLs are loaded first: a server does so at its first request only.
    """
    for path in settings.MIDDLEWARE:
        import_string(path)
    import_module(settings.ROOT_URLCONF)
    return sorted(
        (
            (name, each)
            for name, module in list(sys.modules.items())
            if not _is_the_libraries(name)
            for each in classes
            if any(value is each for value in list(getattr(module, "__dict__", {}).values()))
        ),
        key=lambda found: (found[0], found[1].__name__),
    )


def _is_the_libraries(module: str) -> bool:
    return module.partition(".")[0] in LIBRARIES


def _calls_on(method: Any, bases: list[str]) -> bool:
    """Whether a method says ``super()``, or names a class that it inherits from."""
    code = getattr(inspect.unwrap(method), "__code__", None)
    if code is None:  # something else that can be called: nobody knows
        return True
    return not _names(code).isdisjoint(["super", *bases])


def _names(code: CodeType) -> set[str]:
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return {*code.co_names, *code.co_freevars}.union(*map(_names, inner))
