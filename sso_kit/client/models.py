"""Which local account is which person at the identity server."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from ..installation import need_app

need_app("sso_kit.client")


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
