"""What a person does at the identity server, in one call each."""

from __future__ import annotations

from typing import Any

from django.test import Client

PASSWORD = "alice-in-the-tests"


def log_in(visitor: Client, username: str = "alice", password: str = PASSWORD, **more: Any) -> Any:
    form = {"login": username, "password": password, **more.pop("form", {})}
    return visitor.post("/accounts/login/", form, **more)


def is_signed_in(visitor: Client) -> bool:
    return visitor.get("/profile/").status_code == 200


def text(response: Any) -> str:
    """The page without its one-off CSRF tokens, so that two pages can be compared."""
    page = response.content.decode()
    for token in {response.context["csrf_token"]} if response.context else ():
        page = page.replace(str(token), "")
    return " ".join(page.split())
