"""System checks: which of stock's hooks a server's project overrides, and what becomes of it."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from simple_sso.sso_server import server as stock

from ..inheritance import modules_with, named, overriding, replacing
from ..routes import places
from .server import Server

STOCK = (
    stock.Server,
    stock.AuthorizeView,
    stock.RequestTokenProvider,
    stock.VerificationProvider,
    stock.ConsumerAdmin,
)
# By the attribute of ``Server`` that has the class: what must call the one that it overrides.
NEEDED = {
    "authorize_view": ("get", "success"),
    "request_token_provider": ("provide",),
    "verification_provider": ("provide",),
}
# What nobody calls any more, and what does the same now.
GONE = {
    "authorize_view": {"check_token_timeout": "Set token_timeout of the Server."},
    "request_token_provider": {
        "get_private_key": "Nothing: keys are the consumer's, replaced ones among them.",
        "report_exception": "Receive the signal sso_kit.events.step_taken.",
    },
}
GONE["verification_provider"] = {
    **GONE["request_token_provider"],
    "token_not_bound": "Receive the signal sso_kit.events.step_taken.",
}


@register(Tags.compatibility)
def hooks_of_the_server(**_: Any) -> list[CheckMessage]:
    return [message for server in _servers() for message in _hooks_of(server)]


def _hooks_of(server: Server) -> list[CheckMessage]:
    found: list[CheckMessage] = [
        Error(
            f"{named(each, hook)} replaces what makes a sign-in safe.",
            hint=f"Call super().{hook}() in it: it does what stock's does and more.",
            id="sso_kit.E025",
        )
        for attribute, hooks in NEEDED.items()
        for hook in hooks
        for each in replacing(getattr(server, attribute), hook)
    ]
    found += [
        Warning(f"{named(each, hook)} is never called.", hint=hint, id="sso_kit.W026")
        for attribute, gone in GONE.items()
        for hook, hint in gone.items()
        for each in overriding(getattr(server, attribute), hook)
    ]
    return found


def _servers() -> list[Server]:
    """Those that this project's addresses lead to."""
    found = dict.fromkeys(place.given("server") for place in places("simple-sso-authorize"))
    return [server for server in found if isinstance(server, Server)]


@register(Tags.compatibility)
def stocks_classes_are_gone(**_: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{module} imports {each.__name__} from simple_sso.sso_server.server.",
            hint=f"from sso_kit.server import {each.__name__}.",
            id="sso_kit.W027",
        )
        for module, each in modules_with(*STOCK)
    ]
