"""People with teams of the project's own, called groups, and with a text for a key."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Team(models.Model):
    class Meta:
        app_label = "guests"

    def __str__(self) -> str:
        return str(self.pk)


class Guest(AbstractBaseUser):
    nickname = models.CharField(primary_key=True, max_length=80)
    is_active = models.BooleanField(default=True)
    groups = models.ManyToManyField(Team)

    USERNAME_FIELD = "nickname"
    objects = BaseUserManager["Guest"]()

    class Meta:
        app_label = "guests"

    def __str__(self) -> str:
        return self.nickname
