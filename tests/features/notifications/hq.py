"""The table of django-notifications-hq 1.8, as its migrations leave it, rows as it writes them, and the command that imports them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import connections

TABLE = "notifications_notification"
START = dt.datetime(2024, 3, 1, 8, 0, tzinfo=dt.UTC)
_SHAPE = """
CREATE TABLE {table} (
    id integer NOT NULL PRIMARY KEY, level varchar(20) NOT NULL, unread bool NOT NULL, actor_object_id varchar(255) NOT NULL,
    verb varchar(255) NOT NULL, description text, target_object_id varchar(255), action_object_object_id varchar(255),
    timestamp {time} NOT NULL, public bool NOT NULL, action_object_content_type_id integer, actor_content_type_id integer NOT NULL,
    recipient_id {key} NOT NULL, target_content_type_id integer, deleted bool NOT NULL, emailed bool NOT NULL, data text)
"""


@contextmanager
def table(alias: str = "default", name: str = TABLE, key: str = "integer") -> Iterator[None]:
    """The empty table, while the block runs."""
    connection = connections[alias]
    time = "timestamptz" if connection.vendor == "postgresql" else "datetime"
    with connection.cursor() as cursor:
        cursor.execute(_SHAPE.format(table=name, time=time, key=key))
    try:
        yield
    finally:
        with connections[alias].cursor() as cursor:
            cursor.execute(f"DROP TABLE {name}")


def row(number: int, recipient: Any, **columns: Any) -> dict[str, Any]:
    """A row as the package writes it: unread, of the actor with key 1, a minute after the one before."""
    users = ContentType.objects.get(app_label="auth", model="user").pk
    plain = {
        "id": number,
        "level": "info",
        "unread": True,
        "actor_object_id": "0",
        "verb": f"verb {number}",
        "description": None,
        "target_object_id": None,
        "action_object_object_id": None,
        "timestamp": START + dt.timedelta(minutes=number),
        "public": True,
        "action_object_content_type_id": None,
        "actor_content_type_id": users,
        "recipient_id": recipient,
        "target_content_type_id": None,
        "deleted": False,
        "emailed": False,
        "data": None,
    }
    return plain | columns


def insert(rows: list[dict[str, Any]], alias: str = "default", name: str = TABLE) -> None:
    """Put rows into the table as the package's own code does."""
    connection = connections[alias]
    for each in rows:
        values = dict(each, data=json.dumps(each["data"]) if each["data"] is not None else None)
        values["timestamp"] = connection.ops.adapt_datetimefield_value(each["timestamp"])
        marks = ", ".join(["%s"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {name} ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def run(*arguments: str) -> str:
    """Import, and return what the command says on stdout."""
    said = io.StringIO()
    call_command("carillon_import_notifications", *arguments, stdout=said, stderr=io.StringIO())
    return said.getvalue()
