"""The pages that explain: a refusal above all.

A project's own ``sso_kit/refused.html`` is used where there is one; else this package's,
which needs no static files, no context processor and no base template.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.template.loader import render_to_string

from .errors import HandShakeError, Words
from .responses import protect
from .routes import front_page

OWN_TEMPLATE = Path(__file__).parent / "refused.html"


@dataclass(frozen=True)
class Page:
    """What a page says: the cause in one sentence, and what to do next."""

    title: str
    reason: str
    advice: str
    status: int
    action_url: str = ""
    action_label: str = ""
    reference: str = ""

    @classmethod
    def of(cls, error: HandShakeError, words: Words) -> Page:
        """Parameters:
        words: the error's, for the side that refuses.
        """
        return cls(words.title, str(error), words.advice, error.status, reference=error.reference)

    def leading_to(self, url: str, label: str) -> Page:
        return replace(self, action_url=url, action_label=label)


def refusal_page(request: HttpRequest, page: Page) -> HttpResponse:
    """Render a page with its status; never cached, framed, or sent on as a referrer."""
    context = vars(page)
    try:
        body = render_to_string("sso_kit/refused.html", context, request)
        style_source = ""
    except TemplateDoesNotExist:
        template, style_source = _own_template()
        body = template.render(Context(context))
    response = HttpResponse(body, status=page.status)
    protect(
        response,
        f"default-src 'none'; style-src 'self'{style_source}; img-src 'self'; script-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    )
    return response


def wrong_method_page(request: HttpRequest, allowed: list[str]) -> HttpResponse:
    """405 for a person, where Django sends an empty page."""
    takes = ", ".join(allowed)
    reason = f"This address takes {takes} only."
    advice = "Go back and use the page's own links and buttons."
    page = Page("That doesn't work here", reason, advice, 405)
    response = refusal_page(request, page.leading_to(front_page(), "Front page"))
    response["Allow"] = takes
    return response


@cache
def _own_template() -> tuple[Template, str]:
    """The package's page, and its style element's hash as a CSP source (CSP 3, 8.3)."""
    source = OWN_TEMPLATE.read_text()
    style = source.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Engine().from_string(source), f" 'sha256-{digest}'"
