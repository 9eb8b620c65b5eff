"""Foreign tables: the rows of another package, from a database or a file, and what they say in our words."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.contrib.auth import get_user_model
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from carillon.errors import Invalid
from carillon.notifications.actions.importing import Imported
from carillon.notifications.models import SEVERITIES, is_safe_url
from carillon.realtime import log

Row = dict[str, Any]
# None: this row is left out.
RowMap = Callable[[Row], Imported | None]

HQ_TABLE = "notifications_notification"
_CONTENT_TYPES = "django_content_type"
_RELATIONS = {"recipient", "actor_content_type", "target_content_type", "action_object_content_type"}
_PART = 1000
# Ours say under these names which buttons a notification has.
_RESERVED = ("actions", "pressed")
_LINKS = ("url", "action_url", "link", "href")


class TableSource:
    """A table of a database that Django is connected to, read by people: `column` names whose a row is."""

    def __init__(self, alias: str, table: str, column: str) -> None:
        self._connection, self._table, self._column = connections[alias], table, column
        tables = self._connection.introspection.table_names()
        if table not in tables:
            raise Invalid("invalid", f"There is no table {table!r} in the database {alias!r}.")
        with self._connection.cursor() as cursor:
            columns = [each.name for each in self._connection.introspection.get_table_description(cursor, table)]
            if column not in columns:
                raise Invalid("invalid", f"{table} has no column {column!r}; it has {', '.join(columns)}.")
            cursor.execute(f"SELECT COUNT(*) FROM {self._name(table)}")  # noqa: S608 - quoted, and found by introspection
            self.total: int = cursor.fetchone()[0]
        self.content_types: Mapping[Any, str] = _content_types(self._connection) if _CONTENT_TYPES in tables else {}
        self.zone: dt.tzinfo = self._connection.timezone or timezone.get_default_timezone()

    def parts(self) -> Iterator[list[Row]]:
        """The rows of some people at a time, so that a table of any size passes through little memory."""
        people: list[Any] = []
        held = 0
        for person, count in self._counts():
            if people and held + count > _PART:
                yield self._rows(people)
                people, held = [], 0
            people.append(person)
            held += count
        if people:
            yield self._rows(people)

    def _counts(self) -> list[tuple[Any, int]]:
        column = self._name(self._column)
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {column}, COUNT(*) FROM {self._name(self._table)}"  # noqa: S608
                f" WHERE {column} IS NOT NULL GROUP BY {column} ORDER BY {column}"
            )
            return list(cursor.fetchall())

    def _rows(self, people: list[Any]) -> list[Row]:
        marks = ", ".join(["%s"] * len(people))
        with self._connection.cursor() as cursor:
            cursor.execute(
                f"SELECT * FROM {self._name(self._table)} WHERE {self._name(self._column)} IN ({marks})",  # noqa: S608
                people,
            )
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _name(self, name: str) -> str:
        return self._connection.ops.quote_name(name)


class FileSource:
    """A file of `dumpdata`, or one with a JSON object of columns on each line; all of it is read into memory."""

    def __init__(self, path: Path, table: str, column: str) -> None:
        self._column, self._by_person = column, defaultdict[str, list[Row]](list)
        self._types: dict[Any, str] = {}
        self._model = table.replace("_", ".", 1)
        for entry in _entries(path):
            self._take(entry)
        self.content_types: Mapping[Any, str] = self._types or _own_content_types()
        self.zone: dt.tzinfo = timezone.get_default_timezone()
        self.total = sum(map(len, self._by_person.values()))

    def parts(self) -> Iterator[list[Row]]:
        """The rows of some people at a time."""
        part: list[Row] = []
        for rows in self._by_person.values():
            if part and len(part) + len(rows) > _PART:
                yield part
                part = []
            part = part + rows
        if part:
            yield part

    def _take(self, entry: Row) -> None:
        fields = entry.get("fields")
        if not isinstance(fields, dict):
            self._keep(entry)
        elif entry.get("model") == "contenttypes.contenttype":
            self._types[entry.get("pk")] = f"{fields['app_label']}.{fields['model']}"
        elif entry.get("model") == self._model:
            # dumpdata names a relation, the table its column.
            columns = {f"{name}_id" if name in _RELATIONS else name: value for name, value in fields.items()}
            self._keep({"id": entry.get("pk"), **columns})

    def _keep(self, row: Row) -> None:
        if self._column not in row:
            raise Invalid("invalid", f"A row has no {self._column!r}: {str(row)[:200]}")
        self._by_person[str(row[self._column])].append(row)


Source = TableSource | FileSource


@dataclass(frozen=True)
class NotificationsHQ:
    """Reads the rows of django-notifications-hq; `deleted` says what becomes of those that their person deleted."""

    content_types: Mapping[Any, str]
    zone: dt.tzinfo
    deleted: Literal["archive", "skip"] = "archive"

    def __call__(self, row: Row) -> Imported | None:
        """The notification; None for a deleted one that is skipped. Raises ValueError for a row that makes no sense."""
        is_deleted = _flag(row.get("deleted"))
        if is_deleted and self.deleted == "skip":
            return None
        title, message = _words(row)
        data = self._data(row)
        level = str(row.get("level") or "info").lower()
        return Imported(
            key=str(row["id"]),
            recipient=_person(row["recipient_id"]),
            created_at=_moment(row["timestamp"], self.zone),
            title=title,
            message=message,
            severity=level if level in SEVERITIES else "info",
            actor=row.get("actor_object_id") if self._is_user(row.get("actor_content_type_id")) else None,
            url=_link(data),
            data=data,
            is_read=not _flag(row.get("unread", True)),
            is_archived=is_deleted,
        )

    def _is_user(self, content_type: Any) -> bool:
        return self._type(content_type) in {"auth.user", get_user_model()._meta.label_lower}

    def _type(self, content_type: Any) -> str:
        # With natural keys, dumpdata says the name itself.
        if isinstance(content_type, list):
            return ".".join(map(str, content_type))
        return self.content_types.get(content_type, "")

    def _data(self, row: Row) -> dict[str, Any]:
        """What the row carried, and what it was about: nothing of it is lost."""
        data = _json(row.get("data"))
        data = {f"{name}_" if name in _RESERVED else name: value for name, value in data.items()}
        for name in ("actor", "target", "action_object"):
            content_type, key = row.get(f"{name}_content_type_id"), row.get(f"{name}_object_id")
            is_told = name == "actor" and self._is_user(content_type)
            if key and content_type is not None and not is_told:
                data.setdefault(name, {"type": self._type(content_type), "id": str(key)})
        return data


def _words(row: Row) -> tuple[str, str]:
    """Title and message; what is too long for a title stands in the message as well."""
    verb, description = str(row.get("verb") or "").strip(), str(row.get("description") or "").strip()
    title = verb or description.partition("\n")[0]
    return title[:255], description if verb or description != title[:255] else ""


def _link(data: Mapping[str, Any]) -> str:
    links = (data.get(name) for name in _LINKS)
    return next((link for link in links if isinstance(link, str) and len(link) <= 2000 and is_safe_url(link)), "")


def _person(value: Any) -> Any:
    """A user's key; by natural key, dumpdata says a user name."""
    if isinstance(value, list):
        model = get_user_model()
        user = model._base_manager.filter(**{model.USERNAME_FIELD: value[0]}).values_list("pk", flat=True).first()
        return f"nobody called {value[0]}" if user is None else user
    return value


def _flag(value: Any) -> bool:
    return value not in (None, False, 0, "", "0", "false", "False", "f")


def _json(value: Any) -> dict[str, Any]:
    if isinstance(value, str | bytes):
        try:
            value = json.loads(value) if value else None
        except ValueError:
            value = {"text": value if isinstance(value, str) else value.decode(errors="replace")}
    if value is None:
        return {}
    return value if isinstance(value, dict) else {"value": value}


def _moment(value: Any, zone: dt.tzinfo) -> dt.datetime:
    moment = parse_datetime(value) if isinstance(value, str) else value
    if not isinstance(moment, dt.datetime):
        raise ValueError(f"{value!r} is no time")
    return timezone.make_aware(moment, zone) if timezone.is_naive(moment) else moment


def _content_types(connection: BaseDatabaseWrapper) -> dict[Any, str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, app_label, model FROM {connection.ops.quote_name(_CONTENT_TYPES)}")  # noqa: S608
        return {key: f"{label}.{model}" for key, label, model in cursor.fetchall()}


def _own_content_types() -> dict[Any, str]:
    connection = log.connection()
    return _content_types(connection) if _CONTENT_TYPES in connection.introspection.table_names() else {}


def _entries(path: Path) -> list[Row]:
    """The objects of a JSON list, or those on the lines of a file."""
    text = path.read_text(encoding="utf-8-sig")
    is_list = text.lstrip().startswith("[")
    entries: list[Row] = (
        json.loads(text) if is_list else [json.loads(line) for line in text.split("\n") if line.strip()]
    )
    for entry in entries:
        if not isinstance(entry, dict):
            raise Invalid("invalid", f"Each entry is expected to be a JSON object, not {str(entry)[:80]}.")
    return entries
