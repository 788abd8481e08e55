"""The desk's front page: what is running, who can sign in, things to try."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import urllib3
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lab import ideas, table
from lab.table import Site

from .protocol import page

SECONDS = 1.5  # that a site has to answer
IDEAS_SHOWN = 5


@dataclass(frozen=True)
class State:
    """A site of the lab, and whether it answers through nginx."""

    site: Site
    url: str
    is_well: bool
    words: str


@require_safe
def front(request: HttpRequest) -> HttpResponse:
    lab = table.load()
    context = {
        "states": states(),
        "people": lab.people if settings.LAB_MODE else (),
        "ideas": ideas.to_try(settings.LAB_PORT)[:IDEAS_SHOWN],
    }
    return render(request, "desk/front.html", context)


@require_safe
def protocol(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/protocol.html", {"text": page()})


def states() -> list[State]:
    """Asked side by side: one that hangs keeps nobody else waiting."""
    others = [site for site in table.load().sites if not site.kind.hears]
    with ThreadPoolExecutor(len(others)) as lanes:
        return list(lanes.map(_state_of, others))


def _state_of(site: Site) -> State:
    url = site.url(settings.LAB_PORT)
    host = url.removeprefix("http://")
    try:
        answer = urllib3.request(
            "GET",
            f"{settings.INSIDE_URL}/healthz",
            headers={"Host": host},
            timeout=SECONDS,
            retries=False,
        )
    except urllib3.exceptions.HTTPError:
        return State(site, url, False, "nginx doesn't answer")
    well = answer.status == 200
    return State(site, url, well, "answers" if well else f"answers with {answer.status}")
