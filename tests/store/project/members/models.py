"""People known by their address, with a UUID, and fields that databases keep each their way."""

from __future__ import annotations

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models


class Member(AbstractBaseUser, PermissionsMixin):
    number = models.UUIDField(primary_key=True, default=uuid.uuid4)
    email = models.EmailField(unique=True, max_length=100)
    wishes = models.JSONField(default=dict)
    born = models.DateField(null=True)
    joined = models.DateTimeField(null=True)
    balance = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    patience = models.DurationField(null=True)
    rank = models.IntegerField(default=0, db_column="Order By")
    is_active = models.BooleanField(default=True)

    USERNAME_FIELD = "email"
    objects = BaseUserManager["Member"]()

    class Meta:
        app_label = "members"

    def __str__(self) -> str:
        return self.email
