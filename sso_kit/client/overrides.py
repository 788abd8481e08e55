"""System checks: which of stock's hooks a client's project overrides, and what becomes of it."""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from simple_sso.sso_client import client as stock

from .. import commands
from ..inheritance import modules_with, named, replacing
from .installed import clients
from .protocol import Consumer

STOCK = (stock.Client, stock.LoginView, stock.AuthenticateView)


@register(Tags.compatibility)
def hooks_of_the_client(**_: Any) -> list[CheckMessage]:
    return [message for client in clients() for message in _hooks_of(client)]


def _hooks_of(client: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    for view in (client.login_view, client.authenticate_view):
        found += [
            Error(
                f"{named(each, 'get')} replaces the view that makes a sign-in safe.",
                hint="Call super().get(request) in it, or override get_next() and "
                "Client.build_user() instead.",
                id="sso_kit.E021",
            )
            for each in replacing(view, "get")
        ]
    if not isinstance(client.consumer, Consumer):
        found.append(
            Error(
                f"{type(client).__name__}.consumer is a {type(client.consumer).__name__}: it "
                "can't ask a server that isn't stock's.",
                hint="Leave it as it is: self.consumer.consume() works as with stock.",
                id="sso_kit.E022",
            )
        )
    found += [
        Warning(
            f"{named(each, 'build_user')} decides by itself whose account it is, as with stock: "
            "the server's subject isn't looked at.",
            hint="Call super().build_user(user_data), which goes by the subject, and change the "
            "account that it returns. Accounts that are there already have to be linked first, "
            f"with {commands.to_run('sso_adopt')}, or sso_accounts where their names are "
            "addresses. If your way is right, silence this warning.",
            id="sso_kit.W023",
        )
        for each in replacing(type(client), "build_user")
    ]
    return found


@register(Tags.compatibility)
def stocks_classes_are_gone(**_: Any) -> list[CheckMessage]:
    return [
        Warning(
            f"{module} imports {each.__name__} from simple_sso.sso_client.client.",
            hint=f"from sso_kit.client import {each.__name__}. Stock's own can't talk to a server "
            "that has been migrated.",
            id="sso_kit.W024",
        )
        for module, each in modules_with(*STOCK)
    ]
