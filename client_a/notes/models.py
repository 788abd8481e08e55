from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import models
from django.db.models.functions import Left
from django.urls import reverse

from site_common.lists import containing

EXCERPT_LENGTH = 220


class NoteQuerySet(models.QuerySet["Note"]):
    def owned_by(self, person: AbstractBaseUser) -> NoteQuerySet:
        return self.filter(owner=person.pk)

    def containing(self, text: str) -> NoteQuerySet:
        return self.filter(containing(text, "title", "body")) if text else self

    def for_list(self) -> NoteQuerySet:
        """Without the bodies, which may be long; ``excerpt`` is how they begin."""
        excerpt = Left("body", EXCERPT_LENGTH)
        return self.annotate(excerpt=excerpt).only("title", "updated")


class Note(models.Model):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes"
    )
    title = models.CharField(max_length=120)
    body = models.TextField(max_length=20_000, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        ordering = ["-updated", "-id"]
        indexes = [models.Index(fields=["owner", "-updated", "-id"], name="notes_newest_first")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("note", args=[self.pk])
