"""The identity server's side: ``from sso_kit.server import Server``.

In ``INSTALLED_APPS`` beside ``simple_sso.sso_server``. The class is loaded on first use,
since Django imports this package before models can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .server import Server

__all__ = ["Server"]


def __getattr__(name: str) -> Any:
    if name == "Server":
        from .server import Server

        return Server
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
