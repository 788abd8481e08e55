"""No account waits for whoever bears its name, unless ``manage.py sso_adopt`` says so."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """What 0002 used to record; nobody has taken those accounts over yet."""
    identity_model = apps.get_model("sso_kit_client", "Identity")
    here = schema_editor.connection.alias
    identity_model._default_manager.using(here).filter(subject=None).delete()


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("sso_kit_client", "0002_accounts_made_by_stock"),
    ]
    operations = [
        migrations.RunPython(forget, migrations.RunPython.noop),
        migrations.AlterField("identity", "subject", models.CharField(max_length=255)),
        migrations.CreateModel(
            name="Adoption",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("issuer", models.CharField(max_length=255)),
                ("expires", models.DateTimeField()),
                ("created", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sso_adoption",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
