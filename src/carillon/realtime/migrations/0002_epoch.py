"""Gives this database its first epoch, so that positions taken from another one are recognised as void."""

from __future__ import annotations

import secrets

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def begin_epoch(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Store a random epoch unless there is one."""
    deployment = apps.get_model("carillon_realtime", "Deployment")
    deployment.objects.using(editor.connection.alias).get_or_create(id=1, defaults={"epoch": secrets.token_hex(4)})


class Migration(migrations.Migration):
    """The row of Deployment."""

    dependencies = [("carillon_realtime", "0001_initial")]
    operations = [migrations.RunPython(begin_epoch, migrations.RunPython.noop)]
