"""The identity server's side: ``from sso_kit.server import Server``.

In ``INSTALLED_APPS`` beside ``simple_sso.sso_server``. The classes are loaded on first use,
since Django imports this package before models can be.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server import (
        AuthorizeView,
        ConsumerAdmin,
        Provider,
        RequestTokenProvider,
        Server,
        VerificationProvider,
    )

__all__ = [
    "AuthorizeView",
    "ConsumerAdmin",
    "Provider",
    "RequestTokenProvider",
    "Server",
    "VerificationProvider",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(f"{__name__}.server"), name)

    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
