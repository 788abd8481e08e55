from __future__ import annotations

import re
import uuid
from collections.abc import Sequence

from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models

# What the kit says of people by itself, or a user object of an app has for its own ends.
RESERVED = ("groups", "date_joined", "attributes", "save", "subject", "issuer", "pk", "id")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def validate_name(name: str) -> None:
    """Raises ``ValidationError`` for a name that an app couldn't read as an attribute."""
    if not NAME.fullmatch(name) or name.startswith(("is_", "has_", "get_")) or name in RESERVED:
        raise ValidationError(f"{name} is reserved, or is no name: department would be one.")


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


class Attribute(models.Model):
    """Something more that can be said of people here: a department, a telephone number.

    An app learns it if it asks for the name and is granted it, under "Consumers".
    """

    name = models.SlugField(
        unique=True,
        validators=[validate_name],
        help_text="What an app asks for it by, e.g. department. Small letters, digits and _.",
    )
    label = models.CharField(max_length=100, help_text="What people read, e.g. Department.")
    choices = models.TextField(
        blank=True, help_text="One a line, if only these will do. Empty: any text."
    )

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label

    @property
    def allowed(self) -> list[str]:
        return [line.strip() for line in self.choices.splitlines() if line.strip()]


class AttributeValue(models.Model):
    """What an attribute is, of one person."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="attribute_values")
    attribute = models.ForeignKey(Attribute, on_delete=models.CASCADE, related_name="values")
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "attribute"], name="people_one_value")
        ]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.value}"

    def clean(self) -> None:
        allowed = self.attribute.allowed if self.attribute_id else []
        if allowed and self.value not in allowed:
            raise ValidationError({"value": f"One of: {', '.join(allowed)}."})


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
        ATTRIBUTE = "attribute"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=150)
    when = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=250, blank=True, help_text="registered for a consumer")
    subject = models.UUIDField(null=True, help_text="of a person, should they be brought back")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="people_made_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
