from typing import Any

import django.db.models.deletion
from django.db import migrations, models

BATCH = 500


def divide(apps: Any, schema_editor: Any) -> None:
    """Divide what is left of the recipients of each open fan-out."""
    fanouts = apps.get_model("carillon_notifications", "Fanout").objects.using(schema_editor.connection.alias)
    batches = apps.get_model("carillon_notifications", "FanoutBatch").objects.using(schema_editor.connection.alias)
    for fanout in fanouts.order_by("created_at").iterator(chunk_size=10):
        fanouts.filter(pk=fanout.pk).update(total=len(fanout.recipients))
        if fanout.finished_at is None:
            batches.bulk_create(
                batches.model(fanout_id=fanout.pk, recipients=fanout.recipients[start : start + BATCH])
                for start in range(fanout.done, len(fanout.recipients), BATCH)
            )


class Migration(migrations.Migration):
    dependencies = [
        ("carillon_notifications", "0002_buttons"),
    ]

    operations = [
        migrations.AddField(
            model_name="fanout",
            name="total",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="FanoutBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipients", models.JSONField()),
                ("attempts", models.IntegerField(default=0)),
                ("due_at", models.DateTimeField(null=True)),
                (
                    "fanout",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="carillon_notifications.fanout",
                    ),
                ),
            ],
        ),
        migrations.RunPython(divide),
        migrations.RemoveField(
            model_name="fanout",
            name="recipients",
        ),
    ]
