"""What `make up` says when the lab is ready: where it is, who can log in, what to try."""

from __future__ import annotations

from lab import table
from lab.console import bold, dim, say

TRY = (
    "Open {client-a} and sign in as alice. Then open {client-b}: you are in, without a form.",
    "Sign in as carol and open {client-b}: she may use Notes only, and is told so.",
    "In a private window, open {client-b}/tickets/?status=open as bob: the query survives log-in.",
    "Change your name at {server}/profile/, then sign in to Helpdesk again: the name came along.",
    "Watch the hops: make logs SERVICE=nginx in another terminal while you sign in.",
)


def show(port: int, runtime: str) -> None:
    sites = table.load().sites
    say()
    say(bold(f"The lab is up ({runtime}).") + dim("  make down stops it, make reset starts anew."))
    say()
    for site in sites:
        say(f"  {site.title:<10} {bold(site.url(port)):<32} {dim(site.about)}")
    _show_people()
    _show_ideas({site.name: site.url(port) for site in sites})


def _show_people() -> None:
    say()
    say(bold("Who can sign in") + dim(" (for the lab only)"))
    for person in table.load().people:
        say(f"  {person.username:<7} {person.password:<18} {dim(person.about)}")


def _show_ideas(urls: dict[str, str]) -> None:
    say()
    say(bold("Five things to try"))
    for number, idea in enumerate(TRY, 1):
        say(f"  {number}. {idea.format(**urls)}")
    say()
