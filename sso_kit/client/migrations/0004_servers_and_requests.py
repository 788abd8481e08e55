"""Identity servers by a name that stays; who waits for an account.

Nobody's account changes here: what is kept under a server's URL is renamed when that says what
it is called.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def key() -> tuple[str, models.Field]:
    kind = models.BigAutoField
    return "id", kind(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("sso_kit_client", "0003_adoption"),
    ]
    operations = [
        migrations.CreateModel(
            name="KnownServer",
            fields=[
                key(),
                ("issuer", models.CharField(max_length=255, unique=True)),
                ("named", models.BooleanField(default=False)),
                ("server_url", models.CharField("URL", max_length=255)),
                ("marks", models.TextField(blank=True)),
                ("since", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.CreateModel(
            name="LinkRequest",
            fields=[
                key(),
                ("issuer", models.CharField(max_length=255)),
                ("subject", models.CharField(max_length=255)),
                ("name", models.CharField(max_length=255)),
                ("email", models.CharField(max_length=255, blank=True)),
                ("asked", models.DateTimeField(db_index=True)),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["issuer", "subject"], name="sso_kit_one_request_each"
                    )
                ],
            },
        ),
    ]
