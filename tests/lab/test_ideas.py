"""Things to try: what `make up` prints and README.md lists follow the table."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab import ideas, table
from lab.commands import banner
from lab.generate import lists

PORT = 8090


@pytest.fixture
def without_helpdesk(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table.load()
    fewer = tuple(site for site in whole.sites if site.name != "client-b")
    monkeypatch.setattr(table, "load", lambda: replace(whole, sites=fewer))


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Helpdesk's row is called otherwise; its folder is the same."""
    whole = table.load()
    desk = replace(whole.site("client-b"), name="desk", title="Support", host="desk.localhost")
    *others, _ = whole.sites
    monkeypatch.setattr(table, "load", lambda: replace(whole, sites=(*others, desk)))


def test_in_this_lab_each_can_be_tried() -> None:
    assert len(ideas.to_try(PORT)) == len(ideas.IDEAS)


def test_make_up_prints_them_numbered_at_the_labs_port(
    capsys: pytest.CaptureFixture[str],
) -> None:
    banner.show(PORT, "local")

    shown = capsys.readouterr().out.splitlines()
    wanted = [f"  {number}. {idea}" for number, idea in enumerate(ideas.to_try(PORT), 1)]

    assert [line for line in shown if line in wanted] == wanted
    assert f"http://app-b.localhost:{PORT}/tickets/" in "".join(wanted)


def test_the_readme_has_the_same_at_the_usual_port() -> None:
    written = " ".join(lists.readme()["ideas"].split())
    port = table.load().port

    assert written == " ".join(f"{n}. {idea}" for n, idea in enumerate(ideas.to_try(port), 1))


@pytest.mark.usefixtures("without_helpdesk")
def test_without_a_site_what_names_it_is_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    banner.show(PORT, "local")

    of_the_desk, for_all = ideas.to_try(PORT)
    assert f"http://lab.localhost:{PORT}/inspector/" in of_the_desk
    assert for_all == ideas.IDEAS[-1]
    assert "  2. Open the link “How did I get in?”" in capsys.readouterr().out


@pytest.mark.usefixtures("renamed")
def test_a_renamed_row_is_called_as_it_is_called_now() -> None:
    now = "\n".join(ideas.to_try(PORT))

    assert len(ideas.to_try(PORT)) == len(ideas.IDEAS)
    assert "Open Support: you are in" in now
    assert f"http://desk.localhost:{PORT}/tickets/" in now
    assert "Helpdesk" not in now


def test_an_idea_about_somebody_who_is_gone_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = table.load()
    others = tuple(person for person in whole.people if person.username != "carol")
    monkeypatch.setattr(table, "load", lambda: replace(whole, people=others))

    assert len(ideas.to_try(PORT)) == len(ideas.IDEAS) - 1
    assert "carol" not in "".join(ideas.to_try(PORT))
