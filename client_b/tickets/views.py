from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from client_b.tickets.forms import CommentForm, StatusForm, TicketForm
from client_b.tickets.models import (
    Author,
    Comment,
    Status,
    Ticket,
    TicketQuerySet,
    is_agent,
)
from site_common.lists import page_of, searched_text
from site_common.requests import PersonsRequest
from sso_kit.client.attributes import attributes_of
from sso_kit.client.decorators import login_required, passive_login

TICKETS_PER_PAGE = 20
COMMENTS_PER_PAGE = 50


@require_safe
@passive_login
def front(request: HttpRequest) -> HttpResponse:
    return render(request, "tickets/front.html", {"local_accounts": settings.LOCAL_ACCOUNTS})


@require_safe
@login_required
def ticket_list(request: PersonsRequest) -> HttpResponse:
    agent = is_agent(request.user)
    text, status = searched_text(request), request.GET.get("status", "")
    tickets = Ticket.objects.visible_to(request.user, agent=agent)
    found = tickets.containing(text).with_status(status)
    context = {
        "page": page_of(request, found, TICKETS_PER_PAGE, TicketQuerySet.for_list),
        "q": text,
        "status": status if status in Status.values else "",
        "statuses": Status.choices,
        "agent": agent,
    }
    return render(request, "tickets/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new_ticket(request: PersonsRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = TicketForm(data)
    if form.is_valid():
        form.instance.reporter = Author.of(request.user, attributes_of(request))
        ticket = form.save()
        messages.success(request, "Your ticket is with the helpdesk.")
        return redirect(ticket)
    status = 422 if form.is_bound else 200
    return render(request, "tickets/form.html", {"form": form}, status=status)


@require_safe
@login_required
def ticket(request: PersonsRequest, pk: int) -> HttpResponse:
    return _ticket_page(request, _find(request.user, pk))


@require_POST
@login_required
def add_comment(request: PersonsRequest, pk: int) -> HttpResponse:
    found = _find(request.user, pk)
    comment = Comment(ticket=found.ticket)
    form = CommentForm(request.POST, instance=comment)
    if found.ticket.is_closed:
        form.add_error(None, "This ticket is closed. Reopen it first, then comment.")
    if not form.is_valid():
        return _ticket_page(request, found, comment_form=form)
    comment.author = Author.of(request.user, attributes_of(request))
    form.save()
    found.ticket.save(update_fields=["updated"])
    messages.success(request, "Your comment is added.")
    last = -(-found.ticket.comments.count() // COMMENTS_PER_PAGE)
    return redirect(f"{found.ticket.get_absolute_url()}?page={last}#comment-{comment.pk}")


@require_POST
@login_required
def set_status(request: PersonsRequest, pk: int) -> HttpResponse:
    found = _find(request.user, pk)
    form = StatusForm(found.ticket, found.agent, request.POST)
    if not form.is_valid():
        return _ticket_page(request, found, status_form=form)
    found.ticket.status = form.cleaned_data["status"]
    found.ticket.save(update_fields=["status", "updated"])
    label = Status(found.ticket.status).label.lower()
    messages.success(request, f"The ticket is {label} now.")
    return redirect(found.ticket)


@dataclass(frozen=True)
class Found:
    """A ticket, and whether the person looking at it is an agent."""

    ticket: Ticket
    agent: bool


def _find(person: Any, pk: int) -> Found:
    """404, not 403: whether somebody else's ticket exists is nobody's business."""
    agent = is_agent(person)
    tickets = Ticket.objects.visible_to(person, agent=agent).select_related("reporter")
    return Found(get_object_or_404(tickets, pk=pk), agent)


def _ticket_page(
    request: PersonsRequest,
    found: Found,
    comment_form: CommentForm | None = None,
    status_form: StatusForm | None = None,
) -> HttpResponse:
    comments = found.ticket.comments.select_related("author")
    context = {
        "ticket": found.ticket,
        "is_mine": found.ticket.reporter.key == str(request.user.pk),
        "agent": found.agent,
        "page": page_of(request, comments, COMMENTS_PER_PAGE),
        "comment_form": comment_form or CommentForm(),
        "status_form": status_form or StatusForm(found.ticket, found.agent),
    }
    status = 422 if comment_form or status_form else 200
    return render(request, "tickets/detail.html", context, status=status)
