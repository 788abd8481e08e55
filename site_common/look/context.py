"""What every page needs to know about its site and the others."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils.html import escape

from lab import table
from lab.table import Site

SIGN_IN = ("simple-sso-login", "account_login")
SIGN_OUT = ("sso-logout", "account_logout")


def site(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Nothing in it depends on the request: built, and escaped, once."""
    return _constants()


@cache
def _constants() -> dict[str, Any]:
    lab = table.load()
    here = settings.SITE
    shown = [site for site in lab.sites if site.kind.in_navigation or site == here]
    sites = [_described(site, current=site == here) for site in shown]
    return {
        "site": next(site for site in sites if site["current"]),
        "sites_nav": render_to_string("look/sites.html", {"sites": sites}),
        "stylesheet": escape(static("look/look.css")),
        "lab_mode": settings.LAB_MODE,
        "login_url": escape(_first_url(SIGN_IN)),
        "logout_url": escape(_first_url(SIGN_OUT)),
        "signs_out_everywhere": here.kind.is_consumer,
        "profile_url": escape(f"{lab.server.url(settings.LAB_PORT)}/profile/"),
    }


def _described(site: Site, *, current: bool) -> dict[str, Any]:
    return {
        "name": escape(site.name),
        "title": escape(site.title),
        "about": escape(site.about),
        "url": escape(site.url(settings.LAB_PORT)),
        "icon": escape(static(icon_of(site))),
        "current": current,
    }


@cache
def icon_of(site: Site) -> str:
    """Its own where ``static/look`` has one of its name, else one for any site."""
    own = f"look/{site.name}.svg"
    return own if finders.find(own) else "look/site.svg"


def _first_url(names: tuple[str, ...]) -> str:
    """A client has the first name, the identity server the second."""
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
