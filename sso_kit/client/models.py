"""Which local account is which person at the identity server."""

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
