"""Browsers at the site under test."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client


def at_the_site(person: Any = None, **headers: str) -> Client:
    """One that keeps cookies, at the site's own address; with somebody signed in, or nobody."""
    browser = Client(headers={"host": urlsplit(settings.BASE_URL).netloc, **headers})
    if person:
        browser.force_login(person)
    return browser
