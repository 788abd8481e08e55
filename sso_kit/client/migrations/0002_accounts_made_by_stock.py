"""Remember which accounts stock django-simple-sso had made, for ``identity.Accounts``.

Stock gives every account that it touches an unusable password, and takes staff and
superuser flags away. Only such accounts are recorded; on a new project there are none.
"""

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def record(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    user_model = apps.get_model(settings.AUTH_USER_MODEL)
    identity_model = apps.get_model("sso_kit_client", "Identity")
    fields = {field.name for field in user_model._meta.get_fields()}
    stock_made = {"password__startswith": UNUSABLE_PASSWORD_PREFIX}
    stock_made |= {name: False for name in ("is_staff", "is_superuser") if name in fields}
    for user in user_model._default_manager.filter(**stock_made).iterator():
        identity_model.objects.get_or_create(user=user)


class Migration(migrations.Migration):
    dependencies = [("sso_kit_client", "0001_initial")]
    operations = [migrations.RunPython(record, migrations.RunPython.noop)]
