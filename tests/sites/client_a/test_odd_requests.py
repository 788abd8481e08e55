from __future__ import annotations

import pytest
from django.test import Client

from client_a.notes.models import Note
from tests.sites.pages import text


@pytest.mark.parametrize("page", ["abc", "", "1.5", "٣", "9" * 5000, "\0", "-1", "0", "9999"])
def test_an_odd_page_number_gives_the_nearest_page(alices: Client, note: Note, page: str) -> None:
    response = alices.get("/notes/", {"page": page})

    assert response.status_code == 200
    assert note.title in text(response)


@pytest.mark.parametrize("words", ["q" * 100_000, "\0", "a\0b", "%" * 60_000, "😀", "'\""])
def test_an_odd_search_gives_a_page(alices: Client, note: Note, words: str) -> None:
    assert alices.get("/notes/", {"q": words}).status_code == 200


@pytest.mark.parametrize("query", ["q=%ff%fe", "q=%ed%a0%80", "q=%00", "page=%ff", "q[]=1&q=2&q"])
def test_undecodable_queries_give_a_page(alices: Client, query: str) -> None:
    assert alices.get(f"/notes/?{query}").status_code == 200


@pytest.mark.parametrize("number", ["0", "99999", "9" * 40, "9" * 5000, "-1", "abc", "1%00"])
@pytest.mark.parametrize("page", ["", "edit/", "delete/"])
def test_a_note_number_that_is_none_is_not_found(alices: Client, number: str, page: str) -> None:
    response = alices.get(f"/notes/{number}/{page}")

    assert response.status_code == 404
    assert "Nothing to see at this address" in text(response)


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/"),
        ("post", "/notes/"),
        ("put", "/notes/new/"),
        ("post", "/notes/1/"),
        ("delete", "/notes/1/"),
        ("patch", "/notes/1/edit/"),
        ("delete", "/notes/1/delete/"),
        ("post", "/healthz"),
    ],
)
def test_a_wrong_method_is_explained(alices: Client, method: str, address: str) -> None:
    response = getattr(alices, method)(address)

    assert response.status_code == 405
    assert "GET" in response["Allow"]
    assert "That page cannot be used this way" in text(response)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"title=%ff%fe", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"\xff\xfe", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b"x" * 300_000, "application/x-www-form-urlencoded"),
        (b"a&" * 2000, "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
        (b"", ""),
    ],
)
def test_an_unreadable_form_is_refused(alices: Client, body: bytes, content_type: str) -> None:
    response = alices.generic("POST", "/notes/new/", body, content_type)

    assert response.status_code in {400, 422}
    assert not Note.objects.exists()
