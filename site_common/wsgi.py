"""A site as a WSGI application that reads every request to its end."""

from __future__ import annotations

import os
from collections.abc import Callable
from wsgiref.types import WSGIApplication

from django.core.wsgi import get_wsgi_application

from sso_kit.contrib.bodies import read_to_the_end

Wrapper = Callable[[WSGIApplication], WSGIApplication]


def of_site(package: str, *inside: Wrapper) -> WSGIApplication:
    """The application of the site in this package.

    Parameters:
        inside: what goes around Django's own application. It may answer by itself: the request
            is read to its end all the same.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"{package}.settings")
    application: WSGIApplication = get_wsgi_application()
    for wrapper in inside:
        application = wrapper(application)
    return read_to_the_end(application)
