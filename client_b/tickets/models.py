from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.urls import reverse

from site_common.lists import containing
from sso_kit.store.people import group_names

AGENTS = "agents"


def is_agent(person: User) -> bool:
    return AGENTS in group_names(person)


class Status(models.TextChoices):
    OPEN = "open", "Open"
    PROGRESS = "progress", "In progress"
    RESOLVED = "resolved", "Resolved"
    CLOSED = "closed", "Closed"


class TicketQuerySet(models.QuerySet["Ticket"]):
    def visible_to(self, person: User, *, agent: bool) -> TicketQuerySet:
        return self.all() if agent else self.filter(reporter=person)

    def containing(self, text: str) -> TicketQuerySet:
        return self.filter(containing(text, "subject", "description")) if text else self

    def with_status(self, status: str) -> TicketQuerySet:
        return self.filter(status=status) if status in Status.values else self

    def for_list(self) -> TicketQuerySet:
        columns = "subject", "status", "updated"
        names = "reporter__username", "reporter__first_name", "reporter__last_name"
        return self.select_related("reporter").only(*columns, *names)


class Ticket(models.Model):
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="tickets"
    )
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
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="comments"
    )
    body = models.TextField(max_length=10_000)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.author} on {self.ticket}"
