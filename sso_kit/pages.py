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
from django.middleware.csrf import get_token
from django.template import Context, Engine, Template, TemplateDoesNotExist
from django.template.loader import render_to_string

from .errors import HandShakeError, Words
from .responses import protect
from .routes import front_page

OWN_TEMPLATE = Path(__file__).parent / "refused.html"


@dataclass(frozen=True)
class Item:
    """A line of a list: of what, what is so, and whether that is well."""

    name: str
    state: str
    is_well: bool = True


@dataclass(frozen=True)
class Button:
    """A small form with nothing to fill in.

    Attributes:
        url: that it is posted to.
        fields: hidden ones, by name.
    """

    url: str
    label: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Page:
    """What a page says: the cause in one sentence, and what to do next.

    Attributes:
        items: of what, one by one.
        buttons: what may be done, beside the link.
    """

    title: str
    reason: str
    advice: str
    status: int
    action_url: str = ""
    action_label: str = ""
    reference: str = ""
    items: tuple[Item, ...] = ()
    buttons: tuple[Button, ...] = ()

    @classmethod
    def of(cls, error: HandShakeError, words: Words) -> Page:
        """Parameters:
        words: the error's, for the side that refuses.
        """
        return cls(words.title, str(error), words.advice, error.status, reference=error.reference)

    def leading_to(self, url: str, label: str) -> Page:
        return replace(self, action_url=url, action_label=label)


def refusal_page(request: HttpRequest, page: Page, form_target: str = "") -> HttpResponse:
    """Render a page with its status; never cached, framed, or sent on as a referrer.

    Parameters:
        form_target: origin that the page's buttons may lead to, beside this site.
    """
    context = {**vars(page), "csrf_token": get_token(request) if page.buttons else ""}
    try:
        body = render_to_string("sso_kit/refused.html", context, request)
        style_source = ""
    except TemplateDoesNotExist:
        template, style_source = _own_template()
        body = template.render(Context(context))
    response = HttpResponse(body, status=page.status)
    forms = f"'self' {form_target}".rstrip()
    protect(
        response,
        f"default-src 'none'; style-src 'self'{style_source}; img-src 'self'; script-src 'self'; "
        f"base-uri 'none'; form-action {forms}; frame-ancestors 'none'",
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
