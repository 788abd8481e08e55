from __future__ import annotations

import pytest
from django.test import Client

from client_b.tickets.models import Ticket
from tests.sites.pages import text


@pytest.mark.parametrize("name", ["page", "status", "q"])
@pytest.mark.parametrize("value", ["abc", "", "9" * 5000, "\0", "-1", "%" * 60_000, "😀", "'\""])
def test_an_odd_query_gives_the_nearest_page(
    agents: Client, ticket: Ticket, name: str, value: str
) -> None:
    assert agents.get("/tickets/", {name: value}).status_code == 200
    assert agents.get(f"/tickets/{ticket.pk}/", {name: value}).status_code == 200


@pytest.mark.parametrize("query", ["q=%ff%fe", "status=%ed%a0%80", "q=%00", "status[]=open&status"])
def test_undecodable_queries_give_a_page(agents: Client, query: str) -> None:
    assert agents.get(f"/tickets/?{query}").status_code == 200


@pytest.mark.parametrize("number", ["0", "99999", "9" * 40, "9" * 5000, "-1", "abc", "1%00"])
def test_a_ticket_number_that_is_none_is_not_found(agents: Client, number: str) -> None:
    assert agents.get(f"/tickets/{number}/").status_code == 404
    assert agents.post(f"/tickets/{number}/comments/", {"body": "x"}).status_code == 404
    assert agents.post(f"/tickets/{number}/status/", {"status": "open"}).status_code == 404


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "/"),
        ("post", "/tickets/"),
        ("put", "/tickets/new/"),
        ("post", "/tickets/1/"),
        ("get", "/tickets/1/comments/"),
        ("get", "/tickets/1/status/"),
        ("delete", "/tickets/1/status/"),
        ("post", "/healthz"),
    ],
)
def test_a_wrong_method_is_explained(bobs: Client, method: str, address: str) -> None:
    response = getattr(bobs, method)(address)

    assert response.status_code == 405
    assert response["Allow"]
    assert "That page cannot be used this way" in text(response)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"body=%ff%fe", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"\xff\xfe", "multipart/form-data; boundary=x"),
        (b"x" * 300_000, "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
    ],
)
@pytest.mark.parametrize("page", ["comments/", "status/"])
def test_an_unreadable_form_is_refused(
    bobs: Client, ticket: Ticket, body: bytes, content_type: str, page: str
) -> None:
    response = bobs.generic("POST", f"/tickets/{ticket.pk}/{page}", body, content_type)

    assert response.status_code in {400, 422}
