"""A site as a WSGI application that reads every request to its end."""

from __future__ import annotations

import os
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application

from site_common.doors import OF_AN_APP, with_back_door
from sso_kit.contrib.bodies import read_to_the_end


def of_site(package: str, back_door: frozenset[str] = OF_AN_APP) -> WSGIApplication:
    """The application of the site in this package.

    Parameters:
        back_door: paths that answer at ``BACK_BIND``, see ``doors``.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{package}.settings")
    bind, base_url = (os.environ.get(name, "") for name in ("BACK_BIND", "BASE_URL"))
    guarded = with_back_door(get_wsgi_application(), bind, base_url, back_door)
    return read_to_the_end(guarded)
