"""Keys of requests are indexed by the key first: they rise with time, and those of one moment lie together."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("carillon_realtime", "0002_epoch")]

    operations = [
        migrations.RemoveConstraint(model_name="idempotencykey", name="carillon_idempotency_key"),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(
                fields=("key", "principal", "operation"), name="carillon_idempotency_key"
            ),
        ),
    ]
