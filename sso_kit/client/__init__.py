"""The client's (relying party's) side: ``from sso_kit.client import Client``.

In ``INSTALLED_APPS``. The classes are loaded on first use, since Django imports this package
before models can be.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import AuthenticateView, Client, LoginView, LogoutView, SignedOutView

__all__ = ["AuthenticateView", "Client", "LoginView", "LogoutView", "SignedOutView"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module(f"{__name__}.client"), name)

    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
