"""What the commands about accounts have in common: whose, at which server, and how it is said."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import CommandError

from ..accounts.accounts import MAX_ISSUER_LENGTH, MAX_SUBJECT_LENGTH
from ..accounts.profile import is_text
from ..installed import clients


def name(text: str) -> str:
    if not is_text(text):
        raise ArgumentTypeError(f"{text!r} is nobody's name")
    return text


def subject(text: str) -> str:
    if not is_text(text) or len(text) > MAX_SUBJECT_LENGTH:
        raise ArgumentTypeError(f"a subject has 1 to {MAX_SUBJECT_LENGTH} characters")
    return text


def issuer(text: str) -> str:
    if not is_text(text) or len(text) > MAX_ISSUER_LENGTH:
        raise ArgumentTypeError(f"an issuer has 1 to {MAX_ISSUER_LENGTH} characters")
    return text


def add_server(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--server", metavar="URL", help="at which server; needed where the project has several"
    )


def client_at(url: str | None) -> Any:
    """The client at a server, of those whose URLs this project includes.

    Parameters:
        url: as given to the ``Client``; ``None`` where there is one server only.

    Raises:
        CommandError: there is none, or there are several.
    """
    at = {client.server_url: client for client in clients() if not client.shares_accounts}
    if not clients():
        raise CommandError(
            "No Client's URLs are included in this project: path('sso/', include(sso.get_urls()))"
        )
    if not at:
        raise CommandError("This project is its own identity server: the accounts are the same.")
    if url is None and len(at) == 1:
        return next(iter(at.values()))
    found = at.get((url or "").rstrip("/") + "/")
    if found is None:
        raise CommandError(f"Say at which server: --server={' or --server='.join(at)}")
    return found
