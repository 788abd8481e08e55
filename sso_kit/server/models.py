"""What the server keeps beyond stock's ``Consumer``: a policy each, and access tokens.

Stock's ``Token`` table stays, unused: a request token is a signed text here, not a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from simple_sso.sso_server.models import Consumer

from .. import clock
from ..installation import need_app
from ..keys import Key, fingerprint
from ..origins import origin_of

need_app("sso_kit.server")


def validate_origins(value: object) -> None:
    """A JSON list of origins or addresses. Raises ``ValidationError`` naming the bad one."""
    for item in _texts(value, '["https://app.example"]'):
        try:
            origin_of(item)
        except ValueError as error:
            raise ValidationError(str(error)) from error
        if "?" in item or "#" in item:
            raise ValidationError(f"{item!r}: leave out the query and what comes after a #.")


def _texts(value: object, example: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError(f"Give a JSON list such as {example}.")
    return value


class Issuer(models.Model):
    """What this server is called for ever: a random name in the one row of this table.

    It goes where the database goes, to another machine or under another URL, because the people
    and their subjects do. See ``issuer``.
    """

    name = models.CharField(max_length=255)

    def __str__(self) -> str:
        return self.name


class ConsumerPolicy(models.Model):
    """What one consumer (relying party) may do, and how its messages are signed."""

    consumer = models.OneToOneField(Consumer, on_delete=models.CASCADE, related_name="policy")
    origins = models.JSONField(
        default=list,
        blank=True,
        validators=[validate_origins],
        help_text="Where tokens may be sent: a JSON list of whole addresses, without query "
        "(https://app.example/sso/authenticate/), or of scheme://host:port for any of its paths.",
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
        help_text="Who may enter: members of any of these groups.",
    )
    restricted = models.BooleanField(
        "only members of the required groups",
        default=False,
        help_text="Ticked without a group: nobody may enter. A group that is named restricts "
        "in any case, and stays a restriction when it is deleted.",
    )
    legacy = models.BooleanField(
        default=False,
        help_text="Also accept stock django-simple-sso's messages: HMAC-SHA1, not bound to "
        "a question or a browser. Each use is logged. Only while a client is being migrated.",
    )

    # Keys of the required groups, where ``store.server.policy_of`` brought them along.
    known_groups: frozenset[int] | None = None

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

    def private_keys(self) -> Iterator[Key]:
        """The keys that count now, the current one first; the others cost a query."""
        yield Key(self.consumer.private_key)
        retired = self.retired_keys.filter(expires__gt=clock.now()).order_by("-expires")
        yield from map(Key, retired.values_list("private_key", flat=True))

    def key_named(self, name: str) -> Key | None:
        """The valid key with this fingerprint, if it still counts."""
        return next((key for key in self.private_keys() if fingerprint(key) == name), None)

    @property
    def required_group_keys(self) -> frozenset[int]:
        """Primary keys of the groups of which a member may enter."""
        if self.known_groups is None:
            self.known_groups = frozenset(group.pk for group in self.required_groups.all())
        return self.known_groups

    @property
    def admits_everybody(self) -> bool:
        """Neither said to be restricted nor with a required group, however that got there."""
        return not (self.restricted or self.required_group_keys)

    def set_required_groups(self, groups: Sequence[Group]) -> None:
        """Say who may enter; an empty list lets everybody in."""
        self.required_groups.set(groups)
        self.known_groups = None
        self.restricted = bool(groups)
        self.save(update_fields=["restricted"])


def note_restriction(instance: ConsumerPolicy, action: str, **_: object) -> None:
    """Signal receiver: ``restricted`` follows what is done to ``required_groups``."""
    if action in ("post_add", "post_remove", "post_clear"):
        instance.known_groups = None
        instance.restricted = instance.required_groups.exists()
        instance.save(update_fields=["restricted"])


def close_what_required(instance: Group, using: str, **_: object) -> None:
    """Signal receiver: a required group is deleted. Nobody has decided to let everybody in."""
    policies = ConsumerPolicy.objects.using(using)
    policies.filter(required_groups=instance).update(restricted=True)


class RetiredKey(models.Model):
    """A private key of a consumer that was replaced, and until when it still counts."""

    policy = models.ForeignKey(
        ConsumerPolicy, on_delete=models.CASCADE, related_name="retired_keys"
    )
    private_key = models.CharField(max_length=64)
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return f"key {fingerprint(self.private_key)} until {self.expires:%Y-%m-%d %H:%M:%S}"


class AccessToken(models.Model):
    """One access token, kept as a digest from ``authorize`` until it has expired.

    The row also remembers its request token, so that neither can be used twice.

    Attributes:
        session: key of the server's session that it was issued in; empty where the server
            keeps no sessions that can be looked up.
        burnt: spent by somebody who may not, or revoked: nobody is to get another try.
    """

    digest = models.CharField(max_length=64, unique=True)
    request_digest = models.CharField(max_length=64, unique=True)
    consumer = models.ForeignKey(Consumer, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    challenge = models.CharField(max_length=64, blank=True)
    session = models.CharField(max_length=64, blank=True)
    issued = models.DateTimeField()
    used = models.DateTimeField(null=True)
    burnt = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["issued"], name="sso_kit_access_issued")]

    def __str__(self) -> str:
        return f"access token {self.pk} for {self.consumer_id}"

    def older_than(self, age: timedelta, now: datetime) -> bool:
        return now - self.issued > age
