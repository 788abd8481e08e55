"""Lists of sites and people: README, hosts, what goes into the image."""

from __future__ import annotations

from textwrap import fill

from lab import ideas, table
from lab.generate.regions import Parts, lines


def readme() -> Parts:
    lab = table.load()
    sites = [
        f"| {site.url(lab.port)} | `{site.package}` "
        f"| **{_cell(site.title)}** | {_cell(site.about)} |"
        for site in lab.sites
    ]
    people = [
        f"| `{person.username}` | `{person.password}` | {_cell(person.about)} |"
        for person in lab.people
    ]
    return {
        "sites": lines("| address | project | | what it is |", "|---|---|---|---|", *sites),
        "people": lines("| name | password | |", "|---|---|---|", *people),
        "ideas": lines(*(_item(*each) for each in enumerate(ideas.to_try(lab.port), 1))),
    }


def _cell(text: str) -> str:
    """In a table of Markdown's."""
    return text.replace("|", "\\|")


def _item(number: int, text: str) -> str:
    first = f"{number}. "
    return fill(
        text,
        width=95,
        initial_indent=first,
        subsequent_indent=" " * len(first),
        break_long_words=False,
        break_on_hyphens=False,
    )


def hosts() -> Parts:
    return {"hosts": lines(f"127.0.0.1  {' '.join(site.host for site in table.load().sites)}")}


def page_for_unknown_hosts() -> Parts:
    *most, last = [f"<code>{site.host}</code>" for site in table.load().sites]
    named = f"{', '.join(most)} and {last}"
    where = "on the same port as this page. <code>make status</code> prints their addresses."
    return {"hosts": f'      <p class="advice">The lab’s sites are {named}, {where}</p>\n'}


def docker_image() -> Parts:
    return {"sites": lines(*(f"COPY {package} {package}" for package in _packages()))}


def docker_context() -> Parts:
    return {"sites": lines(*(f"!{package}" for package in _packages()))}


def _packages() -> list[str]:
    return [site.package for site in table.load().sites]
