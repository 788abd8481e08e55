"""The README says what is true: hosts, ports, people, commands, links. So do the other pages."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
import simple_sso

from lab import table
from lab.table import ROOT

README = (ROOT / "README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TABLE = table.load()
LIBRARY = Path(simple_sso.__file__).parent
# Made by the first run; and addresses, as the pages shorten them.
# Paths of addresses, and what is made here.
NO_FILES = {".lab/", "test-results/"}
NO_FILES |= {"request-token/", "verify/", "authenticate/", "authorize/"}
NO_FILES |= {"session/", "session-ended/", "sign-out/", "signed-out/", "sso-link/", "time-left/"}


@pytest.mark.parametrize("site", TABLE.sites, ids=lambda site: site.name)
def test_every_site_is_listed_with_its_address_package_and_title(site: table.Site) -> None:
    assert f"| {site.url(TABLE.port)} | `{site.package}` | **{site.title}**" in README


@pytest.mark.parametrize("person", TABLE.people, ids=lambda person: person.username)
def test_every_person_is_listed_with_the_password(person: table.Person) -> None:
    assert f"| `{person.username}` | `{person.password}` | {person.about} |" in README


def test_no_other_host_or_port_is_named() -> None:
    named = set(re.findall(r"https?://([\w.-]+\.localhost:\d+)", README))

    assert named == {f"{site.host}:{TABLE.port}" for site in TABLE.sites}


def test_the_commands_are_those_of_the_makefile() -> None:
    listed = set(re.findall(r"^\| `make (\w+)` \|", README, re.MULTILINE))
    offered = set(re.findall(r"^(\w+):.*## ", MAKEFILE, re.MULTILINE)) - {"help"}

    assert listed == offered


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\b([A-Z][A-Z_]+)=\w", README))))
def test_what_people_say_arrives_through_make(name: str) -> None:
    """The browser tests ran on a lab of their own for months: make passed on its own LAB."""
    recipe = f'probe: ; @echo "$${name}"'
    said = subprocess.run(
        ["make", "--no-print-directory", f"--eval={recipe}", "probe"],
        cwd=ROOT,
        env={**os.environ, name: "as said"},
        capture_output=True,
        text=True,
    )

    assert said.stdout.strip() == "as said", said.stderr


def test_links_and_pictures_lead_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", README)

    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_folders_and_files_that_a_page_names_exist(page: Path) -> None:
    named = set(re.findall(r"`([\w.-]+/[\w./-]*)(?:: [\w.]+)?`", page.read_text()))

    assert named
    assert [name for name in sorted(named - NO_FILES) if not is_there(name)] == []


def is_there(name: str) -> bool:
    """In the checkout, or in the library that the pages tell of."""
    return any((folder / name).exists() for folder in (ROOT, LIBRARY.parent, LIBRARY))
