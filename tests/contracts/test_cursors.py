"""Cursors of batches on both databases: a statement is planned once where that is possible, and all else is as with Django's."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import pytest
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from carillon.realtime import cursors
from carillon.realtime.models import TopicHead
from carillon.realtime.relation import arrays

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

HEADS = TopicHead._meta.db_table
INSERT = f'INSERT INTO {HEADS} (topic, "offset", floor, incarnation) VALUES (%s, 1, 0, 0) RETURNING topic, "offset"'
FIND = f'SELECT topic, "offset" FROM {HEADS} WHERE topic = %s'
WRONG = f"SELECT topic FROM {HEADS} WHERE CAST(%s AS integer) = 1"


def prepared() -> list[str]:
    """What this connection has prepared, as text."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [text.replace("$1", "%s") for (text,) in cursor.fetchall()]


def rows_of(statement: str, values: Sequence[object]) -> list[tuple[object, ...]]:
    return cursors.rows_of(connection, statement, values)


def find(topics: Sequence[str]) -> list[tuple[object, ...]]:
    return [row for topic in topics for row in rows_of(FIND, [topic])]


def test_a_statement_is_planned_once_for_all_its_values() -> None:
    assert rows_of(INSERT, ["room:1"]) == [("room:1", 1)]
    assert find(["room:1", "room:2", "room:1"]) == [("room:1", 1), ("room:1", 1)]
    expected = {INSERT, FIND} if connection.vendor == "postgresql" else set()
    before = prepared()
    assert sorted(text for text in before if text in expected) == sorted(expected)
    # What Django says is not prepared, however often.
    for _ in range(10):
        TopicHead.objects.filter(topic="room:1").exists()
    assert prepared() == before


def test_nothing_is_prepared_where_others_share_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    before = prepared()
    statement = f"{FIND} AND floor = 0"
    assert rows_of(INSERT, ["room:1"]) == rows_of(statement, ["room:1"]) == [("room:1", 1)]
    assert prepared() == before


def test_where_another_answers_one_statement_fails_and_then_nothing_is_prepared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cursors, "_shared", set())
    rows_of(INSERT, ["room:1"])
    find(["room:1"])
    if connection.vendor == "postgresql":
        # Behind the driver's back, as when a pooler lends another connection.
        connection.connection.pgconn.exec_(b"DEALLOCATE ALL")
        with pytest.raises(DatabaseError, match="does not exist"):
            find(["room:1"])
        assert cursors._shared == {connection.alias}
    assert (find(["room:1"]), prepared()) == ([("room:1", 1)], [])
    if connection.vendor == "postgresql":
        # The pool is not to lend again what knows of statements that are gone.
        connection.connection.close()
        connection.close()


def test_it_fails_as_the_cursor_of_django_does() -> None:
    rows_of(INSERT, ["room:1"])
    with pytest.raises(IntegrityError), transaction.atomic():
        rows_of(INSERT, ["room:1"])
    if connection.vendor == "postgresql":
        with pytest.raises(DataError), transaction.atomic():
            rows_of(WRONG, ["none"])
    assert find(["room:1"]) == [("room:1", 1)]


@pytest.mark.parametrize("is_watched", [False, True])
def test_rows_go_as_arrays_where_values_are_bound_and_arrive_as_they_are(is_watched: bool) -> None:
    rows = [('a "b" \\ {c,d}', 1), ("", 2**53), (None, -70_000), ("é\n%s 'x'", None)]
    with transaction.atomic(), CaptureQueriesContext(connection) if is_watched else nullcontext():
        given, values = arrays(connection, "given", ("text", "bigint"), rows)
        found = rows_of(f"SELECT column1, column2 FROM {given}", values)
    assert [tuple(row) for row in found] == rows
    assert ("unnest" in given) == (connection.vendor == "postgresql" and not is_watched)
