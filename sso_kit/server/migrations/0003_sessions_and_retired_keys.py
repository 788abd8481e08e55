"""Tokens name their session; replaced keys have rows of their own, so that none is forgotten.

``restricted`` becomes something that a person says. What it was stays true: it summed up
whether there are required groups.
"""

from urllib.parse import urlsplit

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

import sso_kit.server.models


def keep_promised_keys(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    here = schema_editor.connection.alias
    policies = apps.get_model("sso_kit_server", "ConsumerPolicy").objects.using(here)
    retired_model = apps.get_model("sso_kit_server", "RetiredKey")
    with_one = policies.exclude(previous_private_key="").exclude(previous_key_expires=None)
    retired_model.objects.using(here).bulk_create(
        retired_model(
            policy=policy,
            private_key=policy.previous_private_key,
            expires=policy.previous_key_expires,
        )
        for policy in with_one
    )


def note_restrictions(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    policies = apps.get_model("sso_kit_server", "ConsumerPolicy").objects
    here = policies.using(schema_editor.connection.alias)
    here.exclude(required_groups=None).update(restricted=True)


def cut_to_origins(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """A path didn't count until now: one that was written down must not begin to refuse."""
    policies = apps.get_model("sso_kit_server", "ConsumerPolicy").objects
    for policy in policies.using(schema_editor.connection.alias).exclude(origins=[]):
        policy.origins = [_origin(address) for address in policy.origins]
        policy.save(update_fields=["origins"])


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else address


def settle(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL alters no table whose rows have references left to check."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.connection.check_constraints()


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("sso_kit_server", "0002_policies_for_consumers"),
    ]
    operations = [
        migrations.CreateModel(
            name="RetiredKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("private_key", models.CharField(max_length=64)),
                ("expires", models.DateTimeField()),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="retired_keys",
                        to="sso_kit_server.consumerpolicy",
                    ),
                ),
            ],
        ),
        migrations.RunPython(keep_promised_keys, migrations.RunPython.noop),
        migrations.RunPython(note_restrictions, migrations.RunPython.noop),
        migrations.RunPython(cut_to_origins, migrations.RunPython.noop),
        migrations.RunPython(settle, migrations.RunPython.noop),
        migrations.RemoveField(model_name="consumerpolicy", name="previous_private_key"),
        migrations.RemoveField(model_name="consumerpolicy", name="previous_key_expires"),
        migrations.AddField(
            model_name="accesstoken",
            name="session",
            field=models.CharField(blank=True, default="", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="accesstoken",
            name="burnt",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="consumerpolicy",
            name="origins",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Where tokens may be sent: a JSON list of whole addresses, without "
                "query (https://app.example/sso/authenticate/), or of scheme://host:port for "
                "any of its paths.",
                validators=[sso_kit.server.models.validate_origins],
            ),
        ),
        migrations.AlterField(
            model_name="consumerpolicy",
            name="required_groups",
            field=models.ManyToManyField(
                blank=True,
                help_text="Who may enter: members of any of these groups.",
                related_name="+",
                to="auth.group",
            ),
        ),
        migrations.AlterField(
            model_name="consumerpolicy",
            name="restricted",
            field=models.BooleanField(
                default=False,
                help_text="Ticked without a group: nobody may enter. A group that is named "
                "restricts in any case, and stays a restriction when it is deleted.",
                verbose_name="only members of the required groups",
            ),
        ),
    ]
