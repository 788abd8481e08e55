"""The client's (relying party's) side: ``from sso_kit.client import Client``.

In ``INSTALLED_APPS``. The class is loaded on first use, since Django imports this package
before models can be.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> Any:
    if name == "Client":
        from .client import Client

        return Client
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
