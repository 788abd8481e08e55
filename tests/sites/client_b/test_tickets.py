from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from client_b.tickets.models import Author, Comment, Status, Ticket
from tests.sites.pages import text

QueryCount = Callable[[int], AbstractContextManager[Any]]


def test_a_new_ticket_is_open_and_the_reporters(bobs: Client, bob: User) -> None:
    form = {"subject": "Door", "description": "Stuck", "status": "closed", "reporter": "99"}

    response = bobs.post("/tickets/new/", form, follow=True)

    ticket = Ticket.objects.get()
    assert (ticket.reporter.key, ticket.status) == (str(bob.pk), Status.OPEN)
    assert "Your ticket is with the helpdesk." in text(response)


@pytest.mark.parametrize(
    ("form", "reason"),
    [
        ({"subject": "Only this"}, "This field is required."),
        ({"subject": " ", "description": "x"}, "This field is required."),
        ({"subject": "s" * 151, "description": "x"}, "at most 150 characters"),
        ({"subject": "s", "description": "d" * 10_001}, "at most 10000 characters"),
        ({"subject": "s\0", "description": "x"}, "Null characters are not allowed."),
    ],
)
def test_a_ticket_that_does_not_fit_is_refused_with_a_reason(
    bobs: Client, form: dict[str, str], reason: str
) -> None:
    response = bobs.post("/tickets/new/", form)

    assert response.status_code == 422
    assert reason in text(response)
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("body", ["", "   ", "c" * 10_001, "\0"])
def test_a_comment_that_does_not_fit_is_refused_on_its_ticket(
    bobs: Client, ticket: Ticket, body: str
) -> None:
    response = bobs.post(f"/tickets/{ticket.pk}/comments/", {"body": body})

    assert response.status_code == 422
    assert "It squeaks" in text(response)
    assert 'aria-invalid="true"' in text(response)
    assert not Comment.objects.exists()


def test_a_comment_moves_its_ticket_to_the_top(bobs: Client, bob: User, ticket: Ticket) -> None:
    Ticket.objects.create(reporter=Author.of(bob), subject="Later", description="x")

    bobs.post(f"/tickets/{ticket.pk}/comments/", {"body": "Still squeaks"})

    page = text(bobs.get("/tickets/"))
    assert page.index("Printer") < page.index("Later")


def test_a_closed_ticket_takes_no_comment(bobs: Client, ticket: Ticket) -> None:
    Ticket.objects.update(status=Status.CLOSED)

    response = bobs.post(f"/tickets/{ticket.pk}/comments/", {"body": "One more thing"})

    assert response.status_code == 422
    assert "Reopen it first" in text(response)
    assert "One more thing" in text(response)


def test_a_new_comment_is_on_the_page_it_leads_to(bobs: Client, bob: User, ticket: Ticket) -> None:
    Comment.objects.bulk_create(
        Comment(ticket=ticket, author=Author.of(bob), body="Hm") for _ in range(50)
    )

    response = bobs.post(f"/tickets/{ticket.pk}/comments/", {"body": "The last"}, follow=True)

    assert response.request["QUERY_STRING"] == "page=2"
    assert "The last" in text(response)


@pytest.mark.parametrize(
    ("query", "count"), [("", 4), ("status=open", 2), ("status=closed", 1), ("status=bogus", 4)]
)
def test_the_list_is_filtered_by_status(agents: Client, bob: User, query: str, count: int) -> None:
    for status in ("open", "open", "progress", "closed"):
        Ticket.objects.create(
            reporter=Author.of(bob), subject="Badge", description="x", status=status
        )

    assert text(agents.get(f"/tickets/?{query}")).count("Badge") == count


def test_filter_search_and_page_are_kept_together(agents: Client, bob: User) -> None:
    Ticket.objects.bulk_create(
        Ticket(reporter=Author.of(bob), subject=f"Badge {number}", description="x")
        for number in range(45)
    )

    page = text(agents.get("/tickets/?q=badge&status=open&page=2"))

    assert "Page 2 of 3" in page
    assert 'href="?q=badge&status=open&page=3"' in page
    assert 'href="?q=badge&status=closed"' in page
    assert '<input type="hidden" name="status" value="open">' in page


def test_a_filter_can_be_lifted(agents: Client, ticket: Ticket) -> None:
    """An empty href would keep the address as it is, filter included."""
    assert '<a href="?">All</a>' in text(agents.get("/tickets/?status=open"))


def test_a_list_costs_four_queries_however_long(
    agents: Client, bob: User, django_assert_num_queries: QueryCount
) -> None:
    """Session, person, agent or not, count, page."""
    Ticket.objects.bulk_create(
        Ticket(reporter=Author.of(bob), subject=f"Badge {number}", description="x")
        for number in range(45)
    )

    with django_assert_num_queries(4):
        agents.get("/tickets/")


def test_a_ticket_costs_five_queries_however_many_comments(
    agents: Client, bob: User, ticket: Ticket, django_assert_num_queries: QueryCount
) -> None:
    """Session, person, agent or not, ticket, count of comments, comments."""
    Comment.objects.bulk_create(
        Comment(ticket=ticket, author=Author.of(bob), body="Hm") for _ in range(60)
    )

    with django_assert_num_queries(5):
        agents.get(f"/tickets/{ticket.pk}/")


def test_first_time_visitors_are_told_what_to_do(bobs: Client) -> None:
    assert "Open your first ticket" in text(bobs.get("/tickets/"))
