"""Cursors for what batches say again and again, in large statements: what Django's costs beside the statement itself is spared."""

from __future__ import annotations

import functools
import logging
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Any, Self

from django.db import DatabaseError
from django.db.backends.base.base import BaseDatabaseWrapper

logger = logging.getLogger(__name__)

# Nothing is prepared but what is asked to be; None, which is Django's, would forbid that too.
_NEVER_BY_ITSELF = sys.maxsize
# What we prepared is gone, or what we did not prepare is there: somebody else answers than before.
_ANOTHERS = {"26000", "42P05"}
_shared: set[str] = set()


@contextmanager
def cursor_for(connection: BaseDatabaseWrapper) -> Iterator[Any]:
    """A cursor with `execute`, `fetchone`, `fetchall` and `rowcount` for statements with relations; raises what Django's raises.

    PostgreSQL plans each statement once for a connection, on SQLite no regular expression goes through it. `%` stands in
    placeholders only, and their values are texts, numbers and times. Where statements are logged or wrapped it is Django's,
    as on PostgreSQL where DISABLE_SERVER_SIDE_CURSORS says that others share the connection; where it turns out that they
    do, one statement fails, and then nothing is prepared any more.
    """
    connection.ensure_connection()
    own = None if is_watched(connection) else _own_cursor(connection)
    if own is None:
        with connection.cursor() as cursor:
            yield cursor
        return
    connection.validate_no_broken_transaction()
    try:
        with connection.wrap_database_errors, closing(own) as cursor:
            yield cursor
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) in _ANOTHERS:
            _shared.add(connection.alias)
            logger.warning(
                "a pooler lends connections, as DISABLE_SERVER_SIDE_CURSORS may say: nothing is prepared any more"
            )
        raise


def rows_of(connection: BaseDatabaseWrapper, statement: str, values: Sequence[Any]) -> list[Any]:
    """All that such a statement returns."""
    with cursor_for(connection) as cursor:
        cursor.execute(statement, values)
        rows: list[Any] = cursor.fetchall()
    return rows


def is_watched(connection: BaseDatabaseWrapper) -> bool:
    """Whether somebody logs statements, or wraps them."""
    return bool(connection.queries_logged or connection.execute_wrappers)


def _own_cursor(connection: BaseDatabaseWrapper) -> Any:
    raw = connection.connection
    if connection.vendor == "sqlite":
        return raw.cursor(_Plain)
    if not _may_prepare(connection):
        return None
    if raw.prepare_threshold is None:
        raw.prepare_threshold = _NEVER_BY_ITSELF
    return _prepared()(raw)


def binds_arrays(connection: BaseDatabaseWrapper) -> bool:
    """Whether `cursor_for` gives a cursor that takes lists for `%b`, as binary arrays; it does so in a transaction that has begun."""
    return connection.vendor != "sqlite" and not is_watched(connection) and _may_prepare(connection)


def _may_prepare(connection: BaseDatabaseWrapper) -> bool:
    is_shared = connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") or connection.alias in _shared
    return not is_shared and hasattr(connection.connection, "prepare_threshold")


class _Plain(sqlite3.Cursor):
    """Takes Django's placeholders and SQLite's own."""

    def execute(self, statement: str, values: Any = ()) -> Self:
        return super().execute(statement.replace("%s", "?"), values)


@functools.cache
def _prepared() -> Any:
    """The class of cursors that prepare; it binds values on the server, where Django's writes them into the statement."""
    # Here, for SQLite needs no driver of PostgreSQL's.
    from psycopg import Cursor

    class Prepared(Cursor[Any]):
        """Prepares each statement at once."""

        def execute(self, query: Any, params: Any = None, *, prepare: Any = True, **options: Any) -> Self:
            return super().execute(query, params, prepare=prepare, **options)

    return Prepared
