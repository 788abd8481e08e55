"""Tickets point to Helpdesk's own table of authors, since there may be no user to point to.

Every author is kept, by the key of their account; so the way back works as well.
"""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEPT = (("Ticket", "reporter"), ("Comment", "author"))


def make_authors(apps: Any, schema_editor: Any) -> None:
    here = schema_editor.connection.alias
    label, name = settings.AUTH_USER_MODEL.split(".")
    users = apps.get_model(label, name)._base_manager.using(here)
    authors = apps.get_model("tickets", "Author").objects.using(here)
    for model, field in KEPT:
        rows = apps.get_model("tickets", model).objects.using(here)
        for pk in rows.order_by().values_list(f"old_{field}", flat=True).distinct():
            user = users.get(pk=pk)
            full = f"{user.first_name} {user.last_name}".strip()
            author, _ = authors.get_or_create(
                key=str(pk), defaults={"username": user.username, "name": full}
            )
            rows.filter(**{f"old_{field}": pk}).update(**{field: author})


def bring_users_back(apps: Any, schema_editor: Any) -> None:
    here = schema_editor.connection.alias
    label, name = settings.AUTH_USER_MODEL.split(".")
    users = apps.get_model(label, name)._base_manager.using(here)
    for author in apps.get_model("tickets", "Author").objects.using(here).all():
        user = users.filter(pk=author.key).first()
        if user is None:  # from when there were no user rows
            user = users.create(
                username=author.username, password="!", first_name=author.name[:150]
            )
        for model, field in KEPT:
            rows = apps.get_model("tickets", model).objects.using(here)
            rows.filter(**{field: author}).update(**{f"old_{field}": user.pk})


def to_user(name: str) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=django.db.models.deletion.CASCADE,
        related_name=name,
        null=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Author",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("username", models.CharField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=310)),
                ("department", models.CharField(blank=True, max_length=200)),
                ("phone", models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.RemoveIndex("ticket", "tickets_newest_own"),
        migrations.AlterField("ticket", "reporter", to_user("old_tickets")),
        migrations.AlterField("comment", "author", to_user("old_comments")),
        migrations.RenameField("ticket", "reporter", "old_reporter"),
        migrations.RenameField("comment", "author", "old_author"),
        migrations.AddField(
            "ticket",
            "reporter",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tickets",
                to="tickets.author",
            ),
        ),
        migrations.AddField(
            "comment",
            "author",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comments",
                to="tickets.author",
            ),
        ),
        migrations.RunPython(make_authors, bring_users_back),
        migrations.RemoveField("ticket", "old_reporter"),
        migrations.RemoveField("comment", "old_author"),
        migrations.AlterField(
            "ticket",
            "reporter",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tickets",
                to="tickets.author",
            ),
        ),
        migrations.AlterField(
            "comment",
            "author",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="comments",
                to="tickets.author",
            ),
        ),
        migrations.AddIndex(
            "ticket",
            models.Index(fields=["reporter", "-updated", "-id"], name="tickets_newest_own"),
        ),
    ]
