from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def drop_pattern_index(apps: Any, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """PostgreSQL's second index of the key, for LIKE, which nobody asks of random digits."""
    if schema_editor.connection.vendor == "postgresql":
        table = apps.get_model("carillon_notifications", "Notification")._meta.db_table
        name = schema_editor._create_index_name(table, ["id"], suffix="_like")
        schema_editor.execute(f"DROP INDEX IF EXISTS {schema_editor.quote_name(name)}")


def make_pattern_index(apps: Any, schema_editor: Any) -> None:
    """Make it again."""
    if schema_editor.connection.vendor == "postgresql":
        model = apps.get_model("carillon_notifications", "Notification")
        schema_editor.execute(schema_editor._create_like_index_sql(model, model._meta.pk))


class Migration(migrations.Migration):
    """A notification that is renewed is written to every index that it stands in: it stands in fewer."""

    dependencies = [
        ("carillon_notifications", "0005_deliveries"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="notification", name="carillon_notification_dedupe"),
        migrations.RemoveConstraint(model_name="notification", name="carillon_notification_source"),
        migrations.AlterField(
            model_name="notification",
            name="user",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="for",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("dedupe_key__isnull", False)),
                fields=("user", "dedupe_key"),
                name="carillon_notification_dedupe",
            ),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source__isnull", False)),
                fields=("user", "source"),
                name="carillon_notification_source",
            ),
        ),
        migrations.RemoveIndex(model_name="notification", name="carillon_notification_unread"),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("is_read", False)),
                fields=["user", "group_key"],
                name="carillon_notification_unread",
            ),
        ),
        migrations.RunPython(drop_pattern_index, make_pattern_index),
    ]
