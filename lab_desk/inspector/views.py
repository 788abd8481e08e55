"""The inspector's pages: the list, one diagram, two compared, and what other tools read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe
from django_htmx.http import ptag

from lab import table

from . import diagram as drawing
from . import exports
from .book import Book, Story
from .comparing import compare
from .diagram import Diagram
from .judgement import LATELY, STATES, Finding, Severity, Verdict, judge
from .records import NAME
from .shelf import shelf

MOST_SHOWN = 60
MOST_WORD = 60  # characters of a filter
A_MINUTE = 60  # seconds


@dataclass(frozen=True)
class Line:
    """One story in the list."""

    story: Story
    verdict: Verdict


@dataclass(frozen=True)
class Filter:
    """What of the list is wanted; all that fits where a field is empty."""

    who: str = ""
    app: str = ""
    state: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Filter:
        who, app, state = (
            request.GET.get(name, "").strip()[:MOST_WORD] for name in ("who", "app", "state")
        )
        known = {site.title for site in table.load().clients}
        return cls(who, app if app in known else "", state if state in STATES else "")

    def fits(self, verdict: Verdict) -> bool:
        return (
            self.who.lower() in verdict.who.lower()
            and (not self.app or self.app in verdict.apps)
            and (not self.state or self.state == verdict.state)
        )


@dataclass(frozen=True)
class Banner:
    """The worst of the last minutes."""

    story: Story
    finding: Finding


@require_safe
def stories(request: HttpRequest) -> HttpResponse:
    return render(request, "inspector/stories.html", _list(request))


@require_safe
@ptag(lambda request: _tag_of_list(request, shelf().look()))
def rows(request: HttpRequest) -> HttpResponse:
    """The list alone, for htmx: nothing where it has it already."""
    return render(request, "inspector/rows.html", _list(request))


@require_safe
def latest(request: HttpRequest) -> HttpResponse:
    newest = next(iter(shelf().look().newest_first()), None)
    return redirect("inspector-story", newest.name) if newest else redirect("inspector")


@require_safe
def story(request: HttpRequest, name: str) -> HttpResponse:
    found = shelf().look().find(name) if NAME.fullmatch(name) else None
    if found is None:
        return render(request, "inspector/unknown.html", {"name": name[:64]}, status=404)
    return render(request, "inspector/story.html", _page(found))


@require_safe
@ptag(lambda request, name: _tag_of(_story(name)))
def live(request: HttpRequest, name: str) -> HttpResponse:
    """The diagram alone, for htmx: nothing where it has it already."""
    return render(request, "inspector/drawn.html", _page(_story(name)))


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    book = shelf().look()
    left, right = (_named(book, request.GET.get(side, "")) for side in ("a", "b"))
    context: dict[str, Any] = {"lines": _lines(book)[:MOST_SHOWN], "left": left, "right": right}
    if left and right:
        pairs = compare(left, right)
        context |= {
            "pairs": pairs,
            "same": sum(pair.mark == "same" for pair in pairs),
            "differing": sum(pair.mark == "differs" for pair in pairs),
            "alone": sum(pair.mark in ("left", "right") for pair in pairs),
        }
    return render(request, "inspector/compare.html", context)


@require_safe
def mermaid(request: HttpRequest, name: str) -> HttpResponse:
    text = exports.as_mermaid(drawing.draw(_story(name)))
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


@require_safe
def as_json(request: HttpRequest, name: str) -> HttpResponse:
    told = exports.as_json(drawing.draw(_story(name)))
    return JsonResponse(told, json_dumps_params={"indent": 2})


@require_safe
def har(request: HttpRequest, name: str) -> HttpResponse:
    told = exports.as_har(drawing.draw(_story(name)))
    saved = f'attachment; filename="{name}.har"'
    return JsonResponse(told, headers={"Content-Disposition": saved})


def _story(name: str) -> Story:
    found = shelf().look().find(name) if NAME.fullmatch(name) else None
    if found is None:
        raise Http404("No such hand-shake, or not any more.")
    return found


def _named(book: Book, name: str) -> Diagram | None:
    found = book.find(name) if NAME.fullmatch(name) else None
    return drawing.draw(found) if found else None


def _page(found: Story) -> dict[str, Any]:
    diagram = drawing.draw(found)
    return {
        "diagram": diagram,
        "name": found.name,
        "more": found.more,
        "tag": _tag_of(found),
    }


def _tag_of(found: Story) -> str:
    """Changes with what was told, and once a minute: what is open may be given up by then."""
    return f"{found.number}-{found.version}-{time.time() // A_MINUTE:.0f}"


def _tag_of_list(request: HttpRequest, book: Book) -> str:
    wanted = sha256(request.GET.urlencode().encode()).hexdigest()[:8]
    return f"{book.version}-{wanted}-{time.time() // A_MINUTE:.0f}"


def _list(request: HttpRequest) -> dict[str, Any]:
    wanted, book = Filter.of(request), shelf().look()
    lines = _lines(book)
    shown = [line for line in lines if wanted.fits(line.verdict)][:MOST_SHOWN]
    banner = _banner(lines)
    return {
        "lines": shown,
        "total": len(lines),
        "wanted": wanted,
        "apps": [site.title for site in table.load().clients],
        "states": STATES,
        "banner": banner,
        "query": request.GET.urlencode(),
        "tag": _tag_of_list(request, book),
    }


def _lines(book: Book) -> list[Line]:
    """All of it. A verdict stays until something more was told, or the minute is over."""
    minute, lines = int(time.time() // A_MINUTE), []
    for story in book.newest_first():
        known = story.verdict
        if known is None or known[:2] != (story.version, minute):
            known = story.verdict = (story.version, minute, judge(story))
        lines.append(Line(story, known[2]))
    return lines


def _banner(lines: list[Line]) -> Banner | None:
    """Of two that are as bad the newer."""
    since = time.time() - LATELY
    bad = [
        Banner(line.story, line.verdict.worst)
        for line in lines
        if line.story.ended >= since
        and line.verdict.worst
        and line.verdict.worst.severity >= Severity.NOTICE
    ]
    return max(bad, key=lambda banner: (banner.finding.severity, banner.story.ended), default=None)
