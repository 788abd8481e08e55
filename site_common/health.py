"""``GET /healthz``: is this site, database included, fit to answer?"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

logger = logging.getLogger("site_common.health")


@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    healthy = _database_answers()
    return JsonResponse(
        {"status": "ok" if healthy else "database down", "site": settings.SITE.package},
        status=200 if healthy else 503,
        headers={"Cache-Control": "no-store"},
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not answer")
        return False
    return True
