"""What every page needs to know about its site and the two others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse


class Site(Protocol):
    """A row of ``SITES``: this site or one of the others."""

    name: str
    package: str
    title: str
    about: str

    @property
    def is_server(self) -> bool: ...

    def url(self, port: int) -> str: ...


SIGN_IN = ("simple-sso-login", "account_login")
SIGN_OUT = ("sso-logout", "account_logout")


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Nothing in it depends on the request, so it is built once."""
    return _constants()


@cache
def _constants() -> dict[str, Any]:
    package = settings.ROOT_URLCONF.partition(".")[0]
    rows: Sequence[Site] = settings.SITES
    sites = [_described(row, current=row.package == package) for row in rows]
    server = next(row for row in rows if row.is_server)
    return {
        "site": next(row for row in sites if row["current"]),
        "sites": sites,
        "sites_nav": render_to_string("look/sites.html", {"sites": sites}),
        "stylesheet": static("look/look.css"),
        "lab_mode": settings.LAB_MODE,
        "login_url": _first_url(SIGN_IN),
        "logout_url": _first_url(SIGN_OUT),
        "profile_url": f"{server.url(settings.LAB_PORT)}/profile/",
    }


def _described(row: Site, *, current: bool) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "about": row.about,
        "url": row.url(settings.LAB_PORT),
        "icon": static(f"look/{row.name}.svg"),
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
