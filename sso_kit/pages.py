"""The page that explains a refusal.

A project's own ``sso_kit/refused.html`` is used where there is one; else this package's,
which needs no static files, no context processor and no base template.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.template.loader import render_to_string

from .contrib.headers import protect

OWN_TEMPLATE = Path(__file__).parent / "refused.html"


@dataclass(frozen=True)
class Refusal:
    """What the page says: the cause in one sentence, and what to do next."""

    title: str
    reason: str
    advice: str
    status: int
    action_url: str = ""
    action_label: str = ""
    reference: str = ""


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Render a refusal with its status; never cached, framed, or sent on as a referrer."""
    context = vars(refusal)
    try:
        body = render_to_string("sso_kit/refused.html", context, request)
        style_source = ""
    except TemplateDoesNotExist:
        template, style_source = _own_template()
        body = template.render(Context(context))
    response = HttpResponse(body, status=refusal.status)
    protect(
        response,
        f"default-src 'none'; style-src 'self'{style_source}; img-src 'self'; script-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    return response


def wrong_method_page(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    """405 for a person, where Django sends an empty page."""
    takes = ", ".join(allowed)
    response = refusal_page(
        request,
        Refusal(
            title="That doesn't work here",
            reason=f"This address takes {takes} only.",
            advice="Go back and use the page's own links and buttons.",
            status=405,
            action_url="/",
            action_label="Front page",
        ),
    )
    response["Allow"] = takes
    return response


@cache
def _own_template() -> tuple[Template, str]:
    """The package's page, and its style element's hash as a CSP source (CSP 3, 8.3)."""
    source = OWN_TEMPLATE.read_text()
    style = source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Engine().from_string(source), f" 'sha256-{digest}'"
