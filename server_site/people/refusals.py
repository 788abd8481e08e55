"""Pages that say no, why, and what to do next."""

from __future__ import annotations

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def too_many_attempts(request: HttpRequest, seconds: int = 60) -> HttpResponse:
    minutes = math.ceil(seconds / 60)
    response = render(request, "people/too_many.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def inactive(request: HttpRequest) -> HttpResponse:
    """Where a deactivated person lands after the right password."""
    return render(request, "people/inactive.html", status=403)


def no_password(request: HttpRequest) -> HttpResponse:
    """Where somebody without a password lands instead of the page to change it."""
    return render(request, "people/no_password.html", status=403)
