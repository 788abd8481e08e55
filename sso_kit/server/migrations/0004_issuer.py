"""A table for what this server is called. Its row is made after ``migrate``, see ``issuer``."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sso_kit_server", "0003_sessions_and_retired_keys")]
    operations = [
        migrations.CreateModel(
            name="Issuer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=255)),
            ],
        ),
    ]
