from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from client_a.notes.models import Note
from tests.sites.pages import text

QueryCount = Callable[[int], AbstractContextManager[Any]]


def test_a_new_note_is_saved_shown_and_confirmed(alices: Client, alice: User) -> None:
    form = {"title": "Soup", "body": "Lentils"}

    response = alices.post("/notes/new/", form, follow=True)

    note = Note.objects.get(owner=alice)
    assert response.request["PATH_INFO"] == f"/notes/{note.pk}/"
    assert "Your note is saved." in text(response)
    assert "Lentils" in text(response)


def test_an_edited_note_keeps_its_address(alices: Client, note: Note) -> None:
    response = alices.post(f"/notes/{note.pk}/edit/", {"title": "Rye bread"}, follow=True)

    note.refresh_from_db()
    assert note.title == "Rye bread"
    assert "Your changes are saved." in text(response)


def test_deleting_asks_first(alices: Client, note: Note) -> None:
    question = alices.get(f"/notes/{note.pk}/delete/")

    assert "Delete “Bread”?" in text(question)
    assert Note.objects.exists()


def test_a_deleted_note_is_gone(alices: Client, note: Note) -> None:
    response = alices.post(f"/notes/{note.pk}/delete/", follow=True)

    assert "“Bread” is deleted." in text(response)
    assert alices.get(f"/notes/{note.pk}/").status_code == 404


def test_markup_in_a_note_is_shown_not_run(alices: Client, alice: User) -> None:
    note = Note.objects.create(owner=alice, title="<script>", body="<img src=x>")

    page = alices.get(f"/notes/{note.pk}/").content.decode()

    assert "&lt;script&gt;" in page
    assert "<img src=x>" not in page


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({}, "This field is required."),
        ({"title": "   "}, "This field is required."),
        ({"title": "t" * 121}, "at most 120 characters"),
        ({"title": "Long", "body": "b" * 20_001}, "at most 20000 characters"),
        ({"title": "N\0l"}, "Null characters are not allowed."),
        ({"title": "Nul", "body": "\0"}, "Null characters are not allowed."),
    ],
)
def test_a_note_that_does_not_fit_is_refused_with_a_reason(
    alices: Client, form: dict[str, str], reason: str
) -> None:
    response = alices.post("/notes/new/", form)

    assert response.status_code == 422
    assert reason in text(response)
    assert not Note.objects.exists()


def test_an_error_is_tied_to_its_field(alices: Client) -> None:
    page = text(alices.post("/notes/new/", {}))

    assert 'aria-invalid="true" aria-describedby="id_title_error"' in page
    assert 'id="id_title_error"' in page


def test_line_breaks_count_once_as_in_the_browser(alices: Client) -> None:
    response = alices.post("/notes/new/", {"title": "Lines", "body": "\r\n" * 9_999 + "ab"})

    assert response.status_code == 302


def test_first_time_visitors_are_told_what_to_do(alices: Client) -> None:
    assert "Write your first note" in text(alices.get("/notes/"))


@pytest.mark.parametrize("words", ["bread", "FLOUR", "g bread", "500 g"])
def test_search_finds_words_in_title_and_text(alices: Client, note: Note, words: str) -> None:
    assert f">{note.title}<" in text(alices.get("/notes/", {"q": words}))


@pytest.mark.parametrize("words", ["zebra", "bread zebra", "%", "_"])
def test_search_leaves_out_what_does_not_fit(alices: Client, note: Note, words: str) -> None:
    assert f">{note.title}<" not in text(alices.get("/notes/", {"q": words}))


def test_pages_are_turned_within_a_search(alices: Client, alice: User) -> None:
    Note.objects.bulk_create(Note(owner=alice, title=f"Day {day}") for day in range(25))

    page = text(alices.get("/notes/?q=day&page=2"))

    assert "Page 2 of 3" in page
    assert 'href="?q=day&page=3"' in page
    assert 'href="?q=day&page=1"' in page


def test_a_list_costs_four_queries_however_long(
    alices: Client, alice: User, django_assert_num_queries: QueryCount
) -> None:
    """Session, person, count, page."""
    Note.objects.bulk_create(Note(owner=alice, title=f"Day {day}") for day in range(25))

    with django_assert_num_queries(4):
        alices.get("/notes/")
