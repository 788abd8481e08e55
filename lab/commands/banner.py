"""What `make up` says when the lab is ready: where it is, who can log in, what to try."""

from __future__ import annotations

from lab import ideas, table
from lab.console import bold, dim, say


def show(port: int, runtime: str) -> None:
    sites = table.load().sites
    say()
    say(bold(f"The lab is up ({runtime}).") + dim("  make down stops it, make reset starts anew."))
    say()
    for site in sites:
        say(f"  {site.title:<10} {bold(site.url(port)):<32} {dim(site.about)}")
    _show_people()
    _show_ideas(port)


def _show_people() -> None:
    say()
    say(bold("Who can sign in") + dim(" (for the lab only)"))
    for person in table.load().people:
        say(f"  {person.username:<7} {person.password:<18} {dim(person.about)}")


def _show_ideas(port: int) -> None:
    say()
    say(bold("Things to try"))
    for number, idea in enumerate(ideas.to_try(port), 1):
        say(f"  {number}. {idea}")
    say()
