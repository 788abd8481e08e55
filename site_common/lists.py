"""Searching and turning pages, whatever the address says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest

Shown = Callable[[Any], Any]
MAX_SEARCH_LENGTH = 100
MAX_SEARCH_WORDS = 8


def searched_text(request: HttpRequest) -> str:
    """``?q=`` cut to a sensible length: SQLite refuses patterns over 50,000 bytes."""
    text = request.GET.get("q", "").replace("\0", "")
    return text[:MAX_SEARCH_LENGTH].strip()


def containing(text: str, *fields: str) -> Q:
    """Every word of the text is in one of the fields."""
    condition = Q()
    for word in text.split()[:MAX_SEARCH_WORDS]:
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        condition &= anywhere
    return condition


def page_of(
    request: HttpRequest, rows: QuerySet[Any], size: int, shown: Shown = lambda rows: rows
) -> Page[Any]:
    """The page that ``?page=`` asks for, or the nearest there is.

    Parameters:
        shown: what is to be fetched of the rows on it; counting them needs less.
    """
    page = Paginator(rows, size).get_page(request.GET.get("page"))
    page.object_list = shown(page.object_list)
    return page
