from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import migrations, models

# What lab.toml had when provisioning began to keep records.
PEOPLE = ("alice", "bob", "carol", "dave", "admin")
GROUPS = ("agents", "helpdesk-users")
CONSUMERS = {"client-a": "Notes", "client-b": "Helpdesk"}


def record_what_was_made(apps: Any, schema_editor: Any) -> None:
    """In a data folder from before, so that nothing that was deleted there comes back."""
    provisioned = apps.get_model("people", "Provisioned").objects
    consumers = apps.get_model("sso_server", "Consumer").objects
    policies = apps.get_model("sso_kit_server", "ConsumerPolicy").objects
    people = apps.get_model("people", "Person").objects
    if not people.exists() and not consumers.exists():
        return
    for group in GROUPS:
        provisioned.create(kind="group", name=group)
    for name, title in CONSUMERS.items():
        key, _ = settings.CONSUMER_KEYS[name]
        by_key = policies.filter(consumer__public_key=key).first()
        policy = by_key or policies.filter(consumer__name=title).first()
        address = policy.origins[0] if policy and policy.origins else ""
        provisioned.create(kind="consumer", name=name, address=address)
    if people.exists():
        for name in PEOPLE:
            known = people.filter(username=name).values_list("subject", flat=True).first()
            provisioned.create(kind="person", name=name, subject=known)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0001_initial"),
        ("sso_server", "0001_initial"),
        ("sso_kit_server", "0002_policies_for_consumers"),
    ]

    operations = [
        migrations.CreateModel(
            name="Provisioned",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("consumer", "Consumer"),
                            ("person", "Person"),
                            ("group", "Group"),
                        ],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=150)),
                ("when", models.DateTimeField(auto_now_add=True)),
                (
                    "subject",
                    models.UUIDField(
                        null=True, help_text="of a person, should they be brought back"
                    ),
                ),
                (
                    "address",
                    models.CharField(
                        blank=True, help_text="registered for a consumer", max_length=250
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="provisioned",
            constraint=models.UniqueConstraint(fields=("kind", "name"), name="people_made_once"),
        ),
        migrations.AddField(
            model_name="person",
            name="verified_email",
            field=models.EmailField(
                blank=True,
                default="",
                editable=False,
                max_length=254,
                verbose_name="verified e-mail address",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(record_what_was_made, migrations.RunPython.noop),
    ]
