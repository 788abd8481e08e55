"""What every page needs to know about its site and the two others."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from lab import table

SIGN_IN = ("simple-sso-login", "account_login")
SIGN_OUT = ("sso-logout", "account_logout")


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Nothing in it depends on the request, so it is built once."""
    return _constants()


@cache
def _constants() -> dict[str, Any]:
    package = settings.ROOT_URLCONF.partition(".")[0]
    lab = table.load()
    sites = [_described(row, current=row.package == package) for row in lab.sites]
    return {
        "site": next(row for row in sites if row["current"]),
        "sites": sites,
        "lab_mode": settings.LAB_MODE,
        "login_url": _first_url(SIGN_IN),
        "logout_url": _first_url(SIGN_OUT),
        "profile_url": f"{lab.server.url(settings.LAB_PORT)}/profile/",
    }


def _described(row: table.Site, *, current: bool) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "about": row.about,
        "url": row.url(settings.LAB_PORT),
        "icon": f"look/{row.name}.svg",
        "current": current,
    }


def _first_url(names: tuple[str, ...]) -> str:
    """A client has the first name, the identity server the second."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
