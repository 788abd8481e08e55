"""Things to try in this lab: what `make up` prints and README.md lists."""

from __future__ import annotations

from string import Formatter
from types import SimpleNamespace

from lab import table

# A site by its package, which has the pages; a person by their name.
IDEAS = (
    "Keep {lab_desk.url}/inspector/ open in another tab: each message appears there as it is sent.",
    "Sign in on {client_a.title} as {alice.username}. Open {client_b.title}: you are in, without "
    "a form.",
    "Sign in as {carol.username} and open {client_b.title}: she may use {client_a.title} only, "
    "and is told so.",
    "Open {client_b.url}/tickets/?status=open in a private window, as {bob.username}: the address "
    "survives the log-in, query and all.",
    "Sign in on {client_a.title} and {client_b.title}, then out of {server_site.title}: it says, "
    "app by app, that you are out.",
    "Change your name on {server_site.title}'s profile page, sign out of {client_b.title} and in "
    "again: the name came along.",
    "Forget {bob.username}'s password at {server_site.title}: {server_site.url}/mailbox/ shows "
    "the mail with the link. {client_b.title} takes the new one, too.",
    "Open the link “How did I get in?” at the foot of any page, and play your own log-in back.",
)


def to_try(port: int) -> list[str]:
    """Those of which every site and person is in the table."""
    lab = table.load()
    known: dict[str, object] = {person.username: person for person in lab.people}
    for site in lab.sites:
        known[site.package] = SimpleNamespace(title=site.title, url=site.url(port))
    return [idea.format_map(known) for idea in IDEAS if _named_in(idea) <= known.keys()]


def _named_in(idea: str) -> set[str]:
    return {field.partition(".")[0] for _, field, _, _ in Formatter().parse(idea) if field}
