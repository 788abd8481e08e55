"""The request around the steps: what the browser, or another site, has asked, and what it got."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from sso_kit import at_hand
from sso_kit.requests import header
from sso_kit.shown import short, shown

from . import telling

ASKED = ("Origin", "Referer", "Sec-Fetch-Site", "Sec-Fetch-Mode", "Sec-Fetch-Dest")
ANSWERED = (
    "Content-Type", "Cache-Control", "Content-Security-Policy", "Referrer-Policy",
    "X-Frame-Options", "Retry-After", "Vary", "X-Sso-Refusal",
)  # fmt: skip
BETWEEN_SITES = "application/json"
MOST_COOKIES = 24
MOST_PARAMETERS = 40
MOST_NAME = 60  # characters of a cookie's name, which is no secret


class TellTheDesk:
    """First of all, so that it sees what goes out. A request without a step is told of nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not telling.is_on():
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        at, began = time.time(), time.perf_counter()
        with telling.collecting() as steps:
            response = self.get_response(request)
        if steps:
            ms = (time.perf_counter() - began) * 1000
            told = partial(described, request, response, ms)
            telling.leave(at_hand.id_of(request), at, steps, told)
        return response


def described(request: HttpRequest, response: HttpResponseBase, ms: float) -> dict[str, Any]:
    """A request and its answer, secret-free. Of one from site to site the asking side tells."""
    told = {
        "method": short(request.method or ""),
        "path": short(request.path),
        "status": response.status_code,
        "ms": round(ms, 2),
    }
    if request.content_type == BETWEEN_SITES:
        return told
    return told | {
        "query": _query(request.META.get("QUERY_STRING", "")),
        "cookies": [name[:MOST_NAME] for name in list(request.COOKIES)[:MOST_COOKIES]],
        "headers": {name: short(value) for name in ASKED if (value := header(request, name))},
        "answer_headers": {  # the site's own words
            name: value for name in ANSWERED if (value := response.headers.get(name))
        },
        "location": _location(response.headers.get("Location", "")),
        "set_cookies": [
            {"name": name, "how": _flags(morsel)} for name, morsel in response.cookies.items()
        ],
    }


def _location(url: str) -> dict[str, Any] | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # a site may send anybody anywhere
        return {"to": short(url), "query": {}}
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return {"to": short(origin + parts.path), "query": _query(parts.query)}


def _query(text: str) -> dict[str, Any]:
    """An address's parameters; of more than anybody sends, that they are."""
    if not text:
        return {}
    try:
        found = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        return {"…": f"more than {MOST_PARAMETERS} parameters"}
    return dict(shown(dict(found)))


def _flags(morsel: Any) -> str:
    """How a cookie is set, as its header has it; a deleted one says so."""
    if str(morsel["max-age"]) == "0":
        return "deleted"
    said = [f"Max-Age={morsel['max-age']}"] if morsel["max-age"] else ["until the browser closes"]
    said += [
        name for flag, name in (("httponly", "HttpOnly"), ("secure", "Secure")) if morsel[flag]
    ]
    return "; ".join([*said, f"SameSite={morsel['samesite']}"] if morsel["samesite"] else said)
