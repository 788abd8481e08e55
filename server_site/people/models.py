from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    """Somebody who can log in; ``subject`` is who they are to the apps, for ever.

    User names and e-mail addresses change hands, so apps never identify by them.
    """

    subject = models.UUIDField("subject id", unique=True, default=uuid.uuid4, editable=False)
    verified_email = models.EmailField("verified e-mail address", blank=True, editable=False)

    noted_changes: Sequence[str] = ()  # what a save is about to change; see audit.py

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"

    @property
    def email_verified(self) -> bool:
        """Whether the address is known to be theirs. A changed address is not, by itself."""
        return bool(self.email) and self.verified_email == self.email


class Mail(models.Model):
    """A mail of the lab's, which nobody delivers: see ``mailbox``."""

    to = models.CharField(max_length=500)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    sent = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        ordering = ["-sent", "-pk"]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"


class Provisioned(models.Model):
    """A row of ``lab.toml`` that has been made once; it is never made again by itself.

    What became of it since (changed, renamed, deleted) is up to the administrators.
    """

    class Kind(models.TextChoices):
        CONSUMER = "consumer"  # by its name in lab.toml, e.g. client-a
        PERSON = "person"
        GROUP = "group"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=150)
    when = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=250, blank=True, help_text="registered for a consumer")
    subject = models.UUIDField(null=True, help_text="of a person, should they be brought back")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="people_made_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
