"""Which local account is which person at the identity server, and who is signed in here."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ..installation import need_app

need_app("sso_kit.client")


class KnownServer(models.Model):
    """An identity server whose people come here: the name that stays, and what may change.

    Attributes:
        issuer: what its people's subjects are kept under.
        named: whether the server calls itself so. One that says no name, as stock does, is
            called by its first URL here, until it says one.
        server_url: where it was last heard from.
        marks: digests of its URLs and of the private keys that it shares with this project, see
            ``accounts.servers``.
    """

    issuer = models.CharField(max_length=255, unique=True)
    named = models.BooleanField(default=False)
    server_url = models.CharField("URL", max_length=255)
    marks = models.TextField(blank=True)
    since = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.issuer} at {self.server_url}"


class Identity(models.Model):
    """A local account that belongs to a subject of an identity server."""

    issuer = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sso_identity"
    )

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="sso_kit_one_per_subject")
        ]

    def __str__(self) -> str:
        return f"{self.subject} of {self.issuer}"


class Adoption(models.Model):
    """An administrator's word that the bearer of its name may take an account over, once.

    Without one nobody may: a name proves nothing. Made by ``manage.py sso_adopt`` only,
    used up by the first person of that name whom ``issuer`` vouches for, and void from
    ``expires`` on. The issuer is part of it, so that a second server's people of the same
    name are left out.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sso_adoption"
    )
    issuer = models.CharField(max_length=255)
    expires = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.user} until {self.expires:%Y-%m-%d %H:%M}"


class LinkRequest(models.Model):
    """Somebody whom the server vouches for, and who couldn't be given an account here.

    For an administrator, who links an account to them or doesn't: see ``accounts.waiting``.

    Attributes:
        name, email: what the server called them; no proof of anything.
        account: the local one that is in the way.
        asked: when they came last.
    """

    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    email = models.CharField(max_length=255, blank=True)
    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    asked = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="sso_kit_one_request_each")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.subject} of {self.issuer}"


class AppSession(models.Model):
    """Somebody's session in this app. This row is what counts, the session engine's only names it.

    So an end is an end with every engine: a request that was under way can bring back what is in
    a cache, but not what is here.

    Attributes:
        ref: what the session has under ``sessions.KEY``.
        key: of the session, as the engine has it, to throw that away too.
        client: public key of the ``Client`` that signed in.
        sign_in: what the server knows it by.
        issuer: of the server.
        began: when the sign-in did, in microseconds since 1970 by the server's clock.
        auth_time, amr: when and how the person proved who they are, see ``messages.SignedIn``.
        attributes: what the server said beyond the profile, as JSON; see ``attributes``.
        idle: seconds without use after which it is over; ``None``: no limit.
        ends: when it is over in any case.
        seen: when it was used, or a little before.
        checked: when the server last said that it stands.
        asked: when it was last asked.
    """

    ref = models.CharField(max_length=64, unique=True)
    key = models.CharField(max_length=64, blank=True)
    client = models.CharField(max_length=64)
    sign_in = models.CharField(max_length=64, db_index=True)
    issuer = models.CharField(max_length=255, blank=True)
    began = models.BigIntegerField()
    auth_time = models.BigIntegerField(default=0)
    amr = models.CharField(max_length=100, blank=True)
    attributes = models.TextField(blank=True)
    idle = models.PositiveIntegerField(null=True)
    ends = models.DateTimeField(db_index=True)
    seen = models.DateTimeField()
    checked = models.DateTimeField()
    asked = models.DateTimeField()

    def __str__(self) -> str:
        return f"session of {self.sign_in} until {self.ends:%Y-%m-%d %H:%M:%S}"


class EndedSignIn(models.Model):
    """A sign-in of which the server said that it is over, also before this app heard of it.

    Attributes:
        client: public key of the ``Client`` whose server said so.
        ended: microseconds since 1970; sessions of it that began earlier are over.
        cause: the server's word for why.
        until: from when on no session of it can be left.
    """

    client = models.CharField(max_length=64)
    sign_in = models.CharField(max_length=64)
    ended = models.BigIntegerField()
    cause = models.CharField(max_length=32, blank=True)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sign_in", "client"], name="sso_kit_ended_once")
        ]

    def __str__(self) -> str:
        return f"{self.sign_in}, {self.cause}"
