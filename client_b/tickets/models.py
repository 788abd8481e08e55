from __future__ import annotations

from functools import cache
from typing import Any

from django.db import models
from django.urls import reverse

from site_common.lists import containing
from sso_kit.client.attributes import attributes_of
from sso_kit.store import rows
from sso_kit.store.people import group_names

AGENTS = "agents"


def is_agent(person: Any) -> bool:
    return AGENTS in group_names(person)


class Author(models.Model):
    """Somebody who has written here, as others see them on a ticket.

    Helpdesk's own: there may be no user row to point to (``SSO_KIT["USERS"]``).

    Attributes:
        key: of the user, whatever it is, as text.
    """

    key = models.CharField(max_length=64, unique=True)
    username = models.CharField(max_length=254)
    name = models.CharField(max_length=310, blank=True)
    department = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.username

    def get_username(self) -> str:
        return self.username

    def get_full_name(self) -> str:
        return self.name

    @classmethod
    def of(cls, person: Any, said: dict[str, Any] | None = None) -> Author:
        """Made, or brought up to date.

        Parameters:
            said: what the identity server says beyond the profile; ``None``: nothing new.
        """
        shown = {"username": person.get_username(), "name": person.get_full_name().strip()}
        if said is not None:
            shown |= {name: str(said.get(name) or "")[:200] for name in ("department", "phone")}
        author, _ = cls.objects.update_or_create(key=str(person.pk), defaults=shown)
        return author


def follow(request: Any, user: Any, **_: object) -> None:
    """Signal receiver: at a log-in, what others see of somebody who has written here."""
    if rows.fetch(Author, _known(), [str(user.pk)]):
        Author.of(user, attributes_of(request))


@cache
def _known() -> str:
    """To build it costs more than to run it."""
    statement, _ = Author.objects.filter(key="").values_list("pk").query.sql_with_params()
    return statement


class Status(models.TextChoices):
    OPEN = "open", "Open"
    PROGRESS = "progress", "In progress"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, person: Any, *, agent: bool) -> TicketQuerySet:
        return self.all() if agent else self.filter(reporter__key=str(person.pk))

    def containing(self, text: str) -> TicketQuerySet:
        return self.filter(containing(text, "subject", "description")) if text else self

    def with_status(self, status: str) -> TicketQuerySet:
        return self.filter(status=status) if status in Status.values else self

    def for_list(self) -> TicketQuerySet:
        columns = "subject", "status", "updated"
        names = "reporter__username", "reporter__name"
        return self.select_related("reporter").only(*columns, *names)


class Ticket(models.Model):
    reporter = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="tickets")
    subject = models.CharField(max_length=150)
    description = models.TextField(max_length=10_000)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        ordering = ["-updated", "-id"]
        indexes = [
            models.Index(fields=["-updated", "-id"], name="tickets_newest"),
            models.Index(fields=["reporter", "-updated", "-id"], name="tickets_newest_own"),
            models.Index(fields=["status", "-updated", "-id"], name="tickets_newest_by_status"),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return reverse("ticket", args=[self.pk])

    @property
    def is_closed(self) -> bool:
        return self.status == Status.CLOSED

    def next_statuses(self, *, agent: bool) -> list[Status]:
        """Agents set any other status; whoever reported it closes or reopens it."""
        if agent:
            return [status for status in Status if status != self.status]
        done = self.status in {Status.RESOLVED, Status.CLOSED}
        return [Status.OPEN] * done + [Status.CLOSED] * (not self.is_closed)


class Comment(models.Model):
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="comments")
    body = models.TextField(max_length=10_000)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.author} on {self.ticket}"
