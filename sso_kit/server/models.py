"""What the server keeps beyond stock's ``Consumer``: policies, access tokens, sign-ins, their ends.

Stock's ``Token`` table stays, unused: a request token is a signed text here, not a row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from simple_sso.sso_server.models import Consumer

from .. import clock
from ..installation import need_app
from ..keys import Key, fingerprint
from ..origins import origin_of

need_app("sso_kit.server")

SHORTEST_SESSION = 30  # seconds; less than that nobody can work in


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


class Prompt(models.TextChoices):
    """What a person is asked at each hand-shake (OpenID Connect Core, 3.1.2.1)."""

    NOTHING = "", "nothing, if they are signed in"
    SELECT_ACCOUNT = "select_account", "as whom they want to go on"
    LOG_IN = "login", "for their password"


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
    prompt = models.CharField(
        "people are asked",
        max_length=16,
        choices=Prompt,
        default=Prompt.NOTHING,
        blank=True,
        help_text="At each sign-in here; the app may ask for more.",
    )
    idle_seconds = models.PositiveIntegerField(
        "session ends unused after",
        null=True,
        blank=True,
        validators=[MinValueValidator(SHORTEST_SESSION)],
        help_text="In seconds, at this app. Empty: no such limit.",
    )
    longest_seconds = models.PositiveIntegerField(
        "session ends in any case after",
        null=True,
        blank=True,
        validators=[MinValueValidator(SHORTEST_SESSION)],
        help_text="In seconds, at this app. Empty: with the session here.",
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
        proof: when and how the person proved who they are, see ``sessions.Proof``.
        alone: whether it is for one app, and the server has no session of it.
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
    proof = models.CharField(max_length=100, blank=True)
    alone = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["issued"], name="sso_kit_access_issued")]

    def __str__(self) -> str:
        return f"access token {self.pk} for {self.consumer_id}"

    def older_than(self, age: timedelta, now: datetime) -> bool:
        return now - self.issued > age


class SignIn(models.Model):
    """A person who is signed in at an app, from one browser session of the server.

    A record of its own: access tokens are purged within minutes.

    Attributes:
        ref: what the app knows it by; another app's is another.
        session: key of the server's session; ``None`` for one that serves its app only.
        began: of the latest hand-shake, in microseconds since 1970: what ended before isn't this.
        since: of the first one.
        seen: when the app last said that it was used.
        expires: when it is over by itself, at the latest.
        proof: see ``sessions.Proof``.
        tell_at: where the app wants to hear of its end.
        mark: of the person's password, for one without a session; see ``sessions.mark_of``.
    """

    ref = models.CharField(max_length=64, unique=True)
    session = models.CharField(max_length=64, null=True, blank=True)  # noqa: DJ001  (unique)
    consumer = models.ForeignKey(Consumer, on_delete=models.CASCADE, related_name="sign_ins")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sso_sign_ins"
    )
    began = models.BigIntegerField()
    since = models.DateTimeField()
    seen = models.DateTimeField()
    expires = models.DateTimeField(db_index=True)
    proof = models.CharField(max_length=100, blank=True)
    tell_at = models.CharField(max_length=255, blank=True)
    mark = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "consumer"], name="sso_kit_one_sign_in")
        ]

    def __str__(self) -> str:
        return f"{self.user} at {self.consumer.name}"


class Reason(models.TextChoices):
    """Why a sign-in has ended."""

    LOG_OUT = "log-out", "signed out at the server"
    EVERYWHERE = "everywhere", "signed out of everything, at an app"
    LEFT = "left", "signed out of this app"
    SOMEBODY_ELSE = "somebody-else", "somebody else signed in"
    BY_PERSON = "by-person", "ended by the person, from another browser"
    BY_ADMIN = "by-admin", "ended by an administrator"
    PASSWORD = "password", "password changed"
    DEACTIVATED = "deactivated", "account deactivated"
    DELETED = "deleted", "account deleted"
    NO_ACCESS = "no-access", "may not enter the app any more"
    IDLE = "idle", "not used for too long"
    TOO_LONG = "too-long", "lasted as long as it may"
    EXPIRED = "expired", "the session had expired"


class Ending(models.Model):
    """A sign-in that is over: the record of it, and what the app still has to be told.

    Attributes:
        batch: names the act; all that one log-out ended have it in common.
        consumer: ``None`` where that is gone; ``app`` is what it was called.
        session: key of the server's session while that goes on, empty when it is over;
            ``None`` for one that served its app only.
        person, subject: who was signed in, which outlives the account.
        began, ended: microseconds since 1970. What began later than it ended goes on.
        by: who did it, if not the person; ``note``: why, in their words.
        told: when the app confirmed it.
        next_try: when to tell it again; ``None``: not any more.
        until: from when on nobody need be told: the session would be over by itself.
        problem: of the last try.
    """

    batch = models.CharField(max_length=32, db_index=True)
    consumer = models.ForeignKey(
        Consumer, on_delete=models.SET_NULL, null=True, related_name="endings"
    )
    app = models.CharField(max_length=255)
    ref = models.CharField(max_length=64, db_index=True)
    session = models.CharField(  # noqa: DJ001  (three cases)
        max_length=64, null=True, blank=True, db_index=True
    )
    person = models.CharField(max_length=255)
    subject = models.CharField(max_length=255, db_index=True)
    began = models.BigIntegerField()
    ended = models.BigIntegerField()
    when = models.DateTimeField(db_index=True)
    reason = models.CharField(max_length=16, choices=Reason)
    by = models.CharField(max_length=255, blank=True)
    note = models.CharField(max_length=255, blank=True)
    tell_at = models.CharField(max_length=255, blank=True)
    told = models.DateTimeField(null=True, blank=True)
    next_try = models.DateTimeField(null=True, blank=True, db_index=True)
    until = models.DateTimeField()
    tries = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-when", "-pk"]

    def __str__(self) -> str:
        return f"{self.person} at {self.app}, {self.get_reason_display()}"

    @property
    def is_pending(self) -> bool:
        return self.told is None and self.next_try is not None


class EndedSession(models.Model):
    """A session of the server that was ended, for engines that can bring one back.

    A request that read it before, writes it after (Django's ``cache``, ``cached_db`` and ``file``:
    their ``save`` and ``load`` don't go together with a ``delete``).
    """

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"a session, until {self.until:%Y-%m-%d %H:%M:%S}"
