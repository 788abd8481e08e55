"""What became of a log-out, app by app: what was confirmed, and what wasn't yet."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse

from .. import clock, databases
from ..errors import HandShakeError
from ..front_channel import FrontChannelView
from ..pages import Item, Page, refusal_page
from ..routes import front_page
from .models import Ending

WATCHED = timedelta(minutes=2)  # that the page looks again by itself
LONGEST_NAME = 32


class SignedOutView(FrontChannelView):
    """``?of=`` names the act; a name that nobody knows has ended nothing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        endings = outcomes_of(request.GET.get("of", ""))
        response = refusal_page(request, page_of(request, endings))
        now = clock.now()
        if any(ending.is_pending and now - ending.when < WATCHED for ending in endings):
            response["Refresh"] = "3"
        return response

    def refused(self, request: HttpRequest, error: HandShakeError) -> HttpResponse:
        return refusal_page(request, Page.of(error, error.at_server))


def outcomes_of(batch: str) -> list[Ending]:
    """What one act ended, the apps in their order."""
    if not batch or len(batch) > LONGEST_NAME or "\x00" in batch:
        return []
    there = Ending.objects.using(databases.alias(Ending))
    return list(there.filter(batch=batch).order_by("app", "pk"))


def page_of(request: HttpRequest, endings: list[Ending]) -> Page:
    """Says app by app whether it has confirmed that nobody is signed in there any more."""
    items = tuple(_item(ending) for ending in endings)
    if request.user.is_authenticated:
        title = f"{request.user.get_username()} is signed in here"
        reason = "What was signed in before has been ended."
    else:
        title, reason = "You are signed out", "The identity server doesn't know this browser now."
    if not endings:
        advice = "You were signed in at no app from here."
    elif all(item.is_well for item in items):
        advice = "Each app has confirmed it: nobody is signed in there from this browser."
    else:
        advice = (
            "Who hasn't confirmed is told again, and asks by itself within a minute or so. On a "
            "computer that others use, close the browser, or sign out there by hand."
        )
    page = Page(title, reason, advice, 200, items=items)
    return page.leading_to(front_page(), "Front page")


def _item(ending: Ending) -> Item:
    if ending.told:
        return Item(ending.app, "Signed out", True)
    if ending.is_pending:
        return Item(ending.app, "Not confirmed yet", False)
    return Item(ending.app, "Not confirmed: it asks by itself", False)
