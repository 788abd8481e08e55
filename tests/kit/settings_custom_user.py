"""The same project, whose people are known by their e-mail address and nothing else."""

from __future__ import annotations

from tests.kit.settings import *
from tests.kit.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.kit.custom_user.people"]
AUTH_USER_MODEL = "people.Member"
