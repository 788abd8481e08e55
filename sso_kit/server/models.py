"""What the server keeps beyond stock's ``Consumer``: a policy each, and access tokens.

Stock's ``Token`` table stays, unused: a request token is a signed text here, not a row.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from simple_sso.sso_server.models import Consumer

from ..keys import Key, fingerprint
from ..origins import origin_of


def validate_origins(value: object) -> None:
    """A JSON list of origins. Raises ``ValidationError`` naming the bad one."""
    for item in _texts(value, '["https://app.example"]'):
        try:
            origin_of(item)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _texts(value: object, example: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError(f"Give a JSON list such as {example}.")
    return value


class ConsumerPolicy(models.Model):
    """What one consumer (relying party) may do, and how its messages are signed."""

    consumer = models.OneToOneField(Consumer, on_delete=models.CASCADE, related_name="policy")
    origins = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_origins],
        help_text="Where tokens may be sent: a JSON list of scheme://host:port.",
    )
    granted = models.JSONField(
        default=list,
        blank=True,
        help_text='Extra data that the consumer may ask for, e.g. ["groups"].',
    )
    required_groups = models.ManyToManyField(
        Group,
        blank=True,
        related_name="+",
        help_text="Who may enter: members of any of these groups. Empty: everybody.",
    )
    restricted = models.BooleanField(default=False, editable=False)
    legacy = models.BooleanField(
        default=False,
        help_text="Also accept stock django-simple-sso's messages: HMAC-SHA1, not bound to "
        "a question or a browser. Each use is logged. Only while a client is being migrated.",
    )
    previous_private_key = models.CharField(max_length=64, blank=True, editable=False)
    previous_key_expires = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name_plural = "consumer policies"

    def __str__(self) -> str:
        return f"policy of {self.consumer.name}"

    def clean(self) -> None:
        """What the fields' own validators don't see: empty values, and ``granted``."""
        self.origins = [] if self.origins is None else self.origins
        self.granted = [] if self.granted is None else self.granted
        for name, example in (("origins", '["https://app.example"]'), ("granted", '["groups"]')):
            try:
                _texts(getattr(self, name), example)
            except ValidationError as error:
                raise ValidationError({name: error}) from error

    def private_keys(self) -> list[Key]:
        """The keys that count now, the current one first."""
        keys = [Key(self.consumer.private_key)]
        expires = self.previous_key_expires
        if self.previous_private_key and expires and expires > timezone.now():
            keys.append(Key(self.previous_private_key))
        return keys

    def key_named(self, name: str) -> Key | None:
        """The valid key with this fingerprint, if it still counts."""
        return next((key for key in self.private_keys() if fingerprint(key) == name), None)

    def set_required_groups(self, groups: list[Group]) -> None:
        """Say who may enter; an empty list lets everybody in."""
        self.required_groups.set(groups)
        self.note_restriction()

    def note_restriction(self) -> None:
        """Keep ``restricted`` true to ``required_groups``, so that a check costs no query."""
        self.restricted = self.required_groups.exists()
        self.save(update_fields=["restricted"])


class AccessToken(models.Model):
    """One access token, kept as a digest from ``authorize`` until it has expired.

    The row also remembers its request token, so that neither can be used twice.
    """

    digest = models.CharField(max_length=64, unique=True)
    request_digest = models.CharField(max_length=64, unique=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    challenge = models.CharField(max_length=64, blank=True)
    issued = models.DateTimeField()
    used = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["issued"], name="sso_kit_access_issued")]

    def __str__(self) -> str:
        return f"access token {self.pk} for {self.consumer_id}"

    def older_than(self, age: timedelta, now: datetime) -> bool:
        return now - self.issued > age
