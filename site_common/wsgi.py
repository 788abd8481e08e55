"""A site as a WSGI application that reads every request to its end."""

from __future__ import annotations

import os
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application

from sso_kit.contrib.bodies import read_to_the_end


def of_site(package: str) -> WSGIApplication:
    """The application of the site in this package."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{package}.settings")
    return read_to_the_end(get_wsgi_application())
