"""Relation: rows of Python values as something SQL can select from, in one parameter or many as the database likes it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, TypeVar

import msgspec
from django.db.backends.base.base import BaseDatabaseWrapper

from carillon.realtime.cursors import binds_arrays, is_watched

# SQLite takes 32,766 values in a statement.
CHUNK = 1000
_T = TypeVar("_T")
_json = msgspec.json.Encoder(enc_hook=str)


def relation(
    connection: BaseDatabaseWrapper, name: str, types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[str, list[Any]]:
    """What to write after FROM, and its parameters: at most CHUNK rows, with columns `column1`, `column2`, …

    `types` are PostgreSQL's; SQLite takes values as they come.
    """
    if connection.vendor == "sqlite":
        return f"(VALUES {marks(rows, _mark(connection))}) AS {name}", list(chain.from_iterable(rows))
    # psycopg takes a Python step for each placeholder: a thousand rows cost less as one text.
    row = _row_of(len(types))
    text = _json.encode([row(*each) for each in rows]).decode()
    typed = ", ".join(f"{column} {kind}" for column, kind in zip(row.__struct_fields__, types, strict=True))
    return f"json_to_recordset(%s::json) AS {name}({typed})", [text]


def arrays(
    connection: BaseDatabaseWrapper, name: str, types: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[str, list[Any]]:
    """The same for rows of texts and numbers with long texts among them, in a statement for `cursor_for` in a transaction.

    Where it binds values, PostgreSQL gets a binary array for each column: nobody escapes or parses a text.
    """
    if not rows or not binds_arrays(connection):
        return relation(connection, name, types, rows)
    taken = ", ".join(f"%b::{kind}[]" for kind in types)
    columns = ", ".join(f"column{n}" for n in range(1, len(types) + 1))
    return f"unnest({taken}) AS {name}({columns})", [list(column) for column in zip(*rows, strict=True)]


@functools.cache
def _row_of(width: int) -> type[msgspec.Struct]:
    """What JSON makes an object with so many columns of, in a quarter of the time that a dict takes."""
    return msgspec.defstruct("Row", [f"column{number}" for number in range(1, width + 1)])


def values(name: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """The same for a few rows of texts and numbers, which PostgreSQL plans in less time than a JSON text."""
    first = ", ".join(f"%s::{kind}" for kind in types)
    rest = f", {marks(rows[1:])}" if rows[1:] else ""
    return f"(VALUES ({first}){rest}) AS {name}", list(chain.from_iterable(rows))


def among(connection: BaseDatabaseWrapper, column: str, kind: str, keys: Sequence[Any]) -> tuple[str, list[Any]]:
    """The condition that a column is one of these keys, CHUNK at most, and its parameters; `kind` is its PostgreSQL type."""
    if connection.vendor == "sqlite":
        return f"{column} IN ({', '.join([_mark(connection)] * len(keys))})", list(keys)
    # An array is looked up by index; of a relation the planner would guess the size, and may scan it for each row.
    text = _json.encode(keys).decode()
    return f"{column} = ANY(ARRAY(SELECT value::{kind} FROM json_array_elements_text(%s::json)))", [text]  # noqa: S608


def marks(rows: Sequence[Sequence[Any]], mark: str = "%s") -> str:
    """The placeholders of these rows after VALUES."""
    row = f"({', '.join([mark] * len(rows[0]))})"
    return ", ".join([row] * len(rows))


def _mark(connection: BaseDatabaseWrapper) -> str:
    """SQLite's own placeholder: of Django's, a regular expression makes this one, which takes a tenth of the time of a large statement.

    Who logs statements, or wraps them, may want to put the values where `%s` stands.
    """
    return "%s" if is_watched(connection) else "?"


def chunks(items: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """Parts that fit into one relation."""
    for start in range(0, len(items), CHUNK):
        yield items[start : start + CHUNK]
