"""Which local account is which person at the identity server."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Identity(models.Model):
    """A local account that belongs to a subject of an identity server.

    ``subject`` is null for an account that stock django-simple-sso had made before this
    package came (recorded by the first migration): the first person of that name who signs
    in gets it, once, as stock would have done.
    """

    issuer = models.CharField(max_length=255, blank=True)
    subject = models.CharField(max_length=255, null=True, blank=True)  # noqa: DJ001  (several nulls are unique)
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
