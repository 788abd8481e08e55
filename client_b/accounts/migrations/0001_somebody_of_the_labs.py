"""Somebody to try it with, in a lab: made once, so that who is deleted stays it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import migrations

NAME, PASSWORD = "lena", "lena-at-helpdesk"


def make(apps: Any, schema_editor: Any) -> None:
    users = apps.get_model("auth", "User").objects.using(schema_editor.connection.alias)
    if not settings.LAB_MODE or users.filter(username=NAME).exists():
        return
    users.create(
        username=NAME, password=make_password(PASSWORD), first_name="Lena", last_name="Local"
    )


class Migration(migrations.Migration):
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
