"""Give each consumer that stock had registered a policy: strict, and without origins."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def give_policies(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    here = schema_editor.connection.alias
    consumers = apps.get_model("sso_server", "Consumer").objects.using(here).filter(policy=None)
    policy_model = apps.get_model("sso_kit_server", "ConsumerPolicy")
    policies = [policy_model(consumer=consumer) for consumer in consumers]
    policy_model.objects.using(here).bulk_create(policies)


class Migration(migrations.Migration):
    dependencies = [("sso_kit_server", "0001_initial")]
    operations = [migrations.RunPython(give_policies, migrations.RunPython.noop)]
