"""Django's error reports without tokens and keys, also where ``DEBUG`` is on.

    DEFAULT_EXCEPTION_REPORTER = "sso_kit.contrib.reporting.TokenFreeReporter"

Django masks settings by name, but shows the address, GET parameters, cookies and local
variables as they are. Private keys are safe without this: ``keys.Key`` masks its repr.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

from ..redaction import redact

SECRET_NAMES = re.compile(r"token|state|verifier|cookie|signature|private|secret", re.IGNORECASE)
SHORTEST = 8  # characters; what is shorter is no secret, and may be all over the page
MASK = SafeExceptionReporterFilter.cleansed_substitute


def secrets_of(request: HttpRequest | None) -> set[str]:
    """Every token and cookie value that a request carries, as sent and as decoded."""
    if request is None:
        return set()
    found = {
        str(value)
        for name, value in (*request.GET.items(), *request.COOKIES.items())
        if SECRET_NAMES.search(name) or name in request.COOKIES
    }
    found.add(request.META.get("QUERY_STRING", ""))
    return {value for value in found if len(value) >= SHORTEST}


class TokenFreeReporter(ExceptionReporter):
    """The usual report, with token-like variables and all of the request's tokens masked."""

    def get_traceback_data(self) -> dict[str, Any]:
        data = super().get_traceback_data()
        for frame in data["frames"]:
            if "vars" in frame:
                frame["vars"] = [
                    (name, MASK if SECRET_NAMES.search(name) else value)
                    for name, value in frame["vars"]
                ]
        return data

    def get_traceback_html(self) -> SafeString:
        return self._without_secrets(super().get_traceback_html())

    def get_traceback_text(self) -> SafeString:
        return self._without_secrets(super().get_traceback_text())

    def _without_secrets(self, report: str) -> SafeString:
        """What is safe stays safe: nothing but masks is put in."""
        for value in sorted(secrets_of(self.request), key=len, reverse=True):
            report = report.replace(value, MASK).replace(escape(value), MASK)
        return SafeString(redact(report))
