from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models


class Person(AbstractUser):
    """Somebody who can log in; ``subject`` is who they are to the apps, for ever.

    User names and e-mail addresses change hands, so apps never identify by them.
    """

    subject = models.UUIDField("subject id", unique=True, default=uuid.uuid4, editable=False)

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
