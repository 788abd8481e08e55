from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from client_b.tickets.models import Author, Comment, Status, Ticket
from tests.sites.pages import text


def test_somebody_elses_ticket_is_not_there(carols: Client, ticket: Ticket) -> None:
    response = carols.get(f"/tickets/{ticket.pk}/")

    assert response.status_code == 404
    assert "Printer" not in text(response)


def test_somebody_elses_ticket_cannot_be_commented_on(carols: Client, ticket: Ticket) -> None:
    response = carols.post(f"/tickets/{ticket.pk}/comments/", {"body": "Me too"})

    assert response.status_code == 404
    assert not Comment.objects.exists()


def test_somebody_elses_ticket_cannot_be_closed(carols: Client, ticket: Ticket) -> None:
    response = carols.post(f"/tickets/{ticket.pk}/status/", {"status": "closed"})

    ticket.refresh_from_db()
    assert response.status_code == 404
    assert ticket.status == Status.OPEN


def test_people_list_and_find_their_own_tickets_only(
    bobs: Client, carols: Client, ticket: Ticket
) -> None:
    assert "Printer" in text(bobs.get("/tickets/?q=squeaks"))
    assert "Printer" not in text(carols.get("/tickets/"))
    assert "No ticket fits" in text(carols.get("/tickets/?q=squeaks"))


def test_agents_see_everybodys_tickets_and_who_reported_them(
    agents: Client, ticket: Ticket
) -> None:
    page = text(agents.get("/tickets/"))

    assert "All tickets" in page
    assert "Printer" in page
    assert shown("Bob Baker", "bob") in page


def test_an_agents_answer_reaches_the_reporter(
    agents: Client, bobs: Client, ticket: Ticket
) -> None:
    agents.post(f"/tickets/{ticket.pk}/comments/", {"body": "Oil it"})

    page = text(bobs.get(f"/tickets/{ticket.pk}/"))
    assert "Oil it" in page
    assert f"{shown('Alice Archer', 'alice')} · Helpdesk" in page


def shown(name: str, username: str) -> str:
    """A person as others see them."""
    return (
        f'<bdi class="name">{name}</bdi> <span class="hidden-text">user name</span> '
        f'<span class="username">{username}</span>'
    )


def test_who_takes_anothers_display_name_is_told_from_them(
    agents: Client, bobs: Client, bob: User
) -> None:
    mallory = User.objects.create_user("mallory", first_name="Bob", last_name="Baker")
    for reporter in (bob, mallory):
        ticket = Ticket.objects.create(
            reporter=Author.of(reporter), subject="Salary", description="Raise it"
        )
        Comment.objects.create(ticket=ticket, author=Author.of(reporter), body="Please")

    everything, forged = text(agents.get("/tickets/")), text(agents.get(f"/tickets/{ticket.pk}/"))

    assert everything.count(shown("Bob Baker", "bob")) == 1
    assert everything.count(shown("Bob Baker", "mallory")) == 1
    assert forged.count(shown("Bob Baker", "mallory")) == 3  # reporter, comment, facts
    assert forged.count("Bob Baker") == 3


def test_who_takes_an_agents_display_name_is_told_from_them(
    agents: Client, bobs: Client, bob: User, ticket: Ticket
) -> None:
    agents.post(f"/tickets/{ticket.pk}/comments/", {"body": "Your password, please"})
    Author.objects.filter(key=bob.pk).update(name="Alice Archer")

    page = text(bobs.get(f"/tickets/{ticket.pk}/"))

    assert shown("Alice Archer", "alice") in page
    assert shown("Alice Archer", "bob") in page


def test_a_display_name_can_hold_no_markup(agents: Client, bob: User, ticket: Ticket) -> None:
    Author.objects.filter(key=bob.pk).update(name='</bdi><span class="username">alice</span>')

    page = agents.get(f"/tickets/{ticket.pk}/").text  # as it is sent

    assert '<span class="username">alice</span>' not in page
    assert '<span class="username">bob</span>' in page


def test_who_has_no_display_name_is_shown_by_the_user_name(
    agents: Client, bob: User, ticket: Ticket
) -> None:
    Author.objects.filter(key=bob.pk).update(name="")

    page = text(agents.get(f"/tickets/{ticket.pk}/"))

    assert '<dd><span class="username">bob</span></dd>' in page
    assert '<span class="avatar" aria-hidden="true">B</span>' in page


@pytest.mark.parametrize("status", ["progress", "resolved", "closed"])
def test_agents_set_any_status(agents: Client, ticket: Ticket, status: str) -> None:
    response = agents.post(f"/tickets/{ticket.pk}/status/", {"status": status}, follow=True)

    ticket.refresh_from_db()
    assert ticket.status == status
    assert f"The ticket is {Status(status).label.lower()} now." in text(response)


def test_a_reporter_closes_and_reopens_the_own_ticket(bobs: Client, ticket: Ticket) -> None:
    bobs.post(f"/tickets/{ticket.pk}/status/", {"status": "closed"})
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED

    bobs.post(f"/tickets/{ticket.pk}/status/", {"status": "open"})
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN


@pytest.mark.parametrize("status", ["progress", "resolved", "open", "deleted", "", "\0"])
def test_a_reporter_takes_no_other_step(bobs: Client, ticket: Ticket, status: str) -> None:
    response = bobs.post(f"/tickets/{ticket.pk}/status/", {"status": status})

    ticket.refresh_from_db()
    assert response.status_code == 422
    assert "You can close or reopen your ticket" in text(response)
    assert ticket.status == Status.OPEN


def test_an_agent_no_more_sees_the_own_tickets_only(agents: Client, ticket: Ticket) -> None:
    User.objects.get(username="alice").groups.clear()

    assert agents.get(f"/tickets/{ticket.pk}/").status_code == 404


@pytest.mark.parametrize("address", ["/tickets/", "/tickets/new/", "/tickets/1/"])
def test_strangers_see_no_ticket_page(stranger: Client, address: str) -> None:
    """The identity server is down in these tests, hence 503 in place of a redirect."""
    response = stranger.get(address)

    assert response.status_code == 503
    assert "Sign-in is not available right now" in text(response)


@pytest.mark.parametrize("address", ["/tickets/1/comments/", "/tickets/1/status/"])
def test_strangers_change_nothing(stranger: Client, ticket: Ticket, address: str) -> None:
    stranger.post(address, {"body": "Spam", "status": "closed"})

    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert not Comment.objects.exists()


def test_the_front_page_needs_nobody(stranger: Client) -> None:
    response = stranger.get("/")

    assert "Sign in with Identity" in text(response)
    assert not response.cookies
