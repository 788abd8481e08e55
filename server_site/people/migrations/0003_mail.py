from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0002_provisioned_and_verified_email")]
    operations = [
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("to", models.CharField(max_length=500)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField()),
                ("sent", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={"ordering": ["-sent", "-pk"]},
        )
    ]
