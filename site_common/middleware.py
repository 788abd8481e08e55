"""Where Django answers with an empty page, or with none; people deserve a sentence."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[[HttpRequest], HttpResponse]
FORM = "application/x-www-form-urlencoded"


class RefuseUnreadableForms:
    """A form whose header names another encoding than UTF-8 is 400 here, before anybody reads it.

    Django reads it again while it answers with an error page, fails again, and gives up: a bare
    500. Put it behind what the page needs: sessions and people.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        encoding = (request.encoding or "utf-8").lower()
        if request.content_type == FORM and encoding != "utf-8":
            return render(request, "400.html", status=400)
        return self.get_response(request)


class ExplainWrongMethod:
    """Gives an empty 405 answer a page. Put it last."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page
