"""People whose row is spread over three tables (multi-table inheritance), by a UUID."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class Account(AbstractUser):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        app_label = "managers"


class Colleague(Account):
    room = models.CharField(max_length=20, default="12 b")

    class Meta:
        app_label = "managers"


class Manager(Colleague):
    budget = models.JSONField(default=list)

    class Meta:
        app_label = "managers"
