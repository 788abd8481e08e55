from __future__ import annotations

import pytest
from django.test import Client

from client_a.notes.models import Note
from tests.sites.pages import text

NOTES_PAGES = ["/notes/", "/notes/new/", "/notes/1/", "/notes/1/edit/", "/notes/1/delete/"]


@pytest.mark.parametrize("page", ["", "edit/", "delete/"])
def test_somebody_elses_note_is_not_there(bobs: Client, note: Note, page: str) -> None:
    response = bobs.get(f"/notes/{note.pk}/{page}")

    assert response.status_code == 404
    assert "Bread" not in text(response)


@pytest.mark.parametrize("page", ["edit/", "delete/"])
def test_somebody_elses_note_cannot_be_changed(bobs: Client, note: Note, page: str) -> None:
    response = bobs.post(f"/notes/{note.pk}/{page}", {"title": "Mine now"})

    note.refresh_from_db()
    assert response.status_code == 404
    assert note.title == "Bread"


def test_the_list_and_its_search_show_own_notes_only(
    alices: Client, bobs: Client, note: Note
) -> None:
    assert note.title in text(alices.get("/notes/?q=flour"))
    assert note.title not in text(bobs.get("/notes/"))
    assert "Nothing with “flour” in it" in text(bobs.get("/notes/?q=flour"))


def test_the_owner_cannot_be_set_by_the_form(alices: Client, bobs: Client, note: Note) -> None:
    bob = bobs.session["_auth_user_id"]

    alices.post(f"/notes/{note.pk}/edit/", {"title": "Bread", "owner": bob})

    note.refresh_from_db()
    assert str(note.owner_id) != bob


@pytest.mark.parametrize("address", NOTES_PAGES)
def test_strangers_see_no_note_page(stranger: Client, address: str) -> None:
    """The identity server is down in these tests, hence 503 in place of a redirect."""
    response = stranger.get(address)

    assert response.status_code == 503
    assert "Sign-in is not available right now" in text(response)


def test_the_front_page_needs_nobody(stranger: Client) -> None:
    response = stranger.get("/")

    assert "Sign in with Identity" in text(response)
    assert not response.cookies


def test_the_front_page_leads_people_to_their_notes(alices: Client) -> None:
    page = text(alices.get("/"))

    assert "Open your notes" in page
    assert "Alice Archer" in page
    assert 'action="/sso/sso-logout/"' in page
