"""Sessions of an app: ``sso_kit.client.middleware.SessionMiddleware``, in the place of Django's.

It sees to it that a session that is over is over at the next request, whatever the view: see
``sessions``. Without it only the kit's own decorators look.
"""

from __future__ import annotations

from django.http import HttpRequest

from ..sessions import SessionMiddleware as Base
from ..sessions import has_cookie, only_looks, unnoticed
from . import sessions


class SessionMiddleware(Base):
    """Ends a session in time. ``request.sso_ended`` says why there is none any more."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if has_cookie(request):
            with unnoticed(request.session):
                sessions.look(request, used=not only_looks(request))
